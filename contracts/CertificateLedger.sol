// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthorityRegistry, STATUS} from "./interfaces/IAuthorityRegistry.sol";
import {ICertificateLedger} from "./interfaces/ICertificateLedger.sol";
import {Agents} from "./libraries/Agents.sol";
import {MerkleLog} from "./libraries/MerkleLog.sol";

/// @title Append-only logs of issuing authorities, and the status of what they issued
/// @author Tulen
/// @notice See `ICertificateLedger`. Immutable: a new version is a new deployment.
contract CertificateLedger is ICertificateLedger {
    /// @dev What was last declared of a digest, in one slot. Packed by hand, as the compiler would read the slot
    /// again to keep its unused bits: state in bits 0 to 7, reason in 8 to 15, since in 16 to 79, and from 80 on
    /// the number of predecessors.
    struct Declared {
        uint256 packed;
    }

    /// @dev States that a change may start from, as bit sets.
    uint256 private constant _GOOD = 1 << uint256(State.Good);
    uint256 private constant _SUSPENDED = 1 << uint256(State.Suspended);
    uint256 private constant _PREDECESSORS = 80;

    /// @inheritdoc ICertificateLedger
    uint256 public constant MAX_PREDECESSORS = 8;
    /// @inheritdoc ICertificateLedger
    IAuthorityRegistry public immutable registry;

    /// @dev A checkpoint is kept by the hash of its root and size: so one word binds both, and the head is read
    /// and written as one (docs/decisions/0018).
    mapping(bytes16 authority => bytes32 checkpoint) private _heads;
    /// @dev Size in bits 0 to 63, block time from 64.
    mapping(bytes16 authority => mapping(bytes32 checkpoint => uint256 packed)) private _anchored;
    mapping(bytes16 authority => mapping(bytes32 digest => Declared)) private _declared;
    /// @dev Kept apart, as few have one.
    mapping(bytes16 authority => mapping(bytes32 digest => bytes32 successor)) private _successors;
    mapping(bytes16 authority => mapping(bytes32 digest => bytes32 predecessor)) private _predecessors;

    /// @notice Deploys a ledger without any log.
    /// @param registry_ Says who may anchor; for ever.
    constructor(IAuthorityRegistry registry_) {
        registry = registry_;
    }

    /// @inheritdoc ICertificateLedger
    function anchor(uint64 predecessorSize, uint64 newSize, bytes32 newRoot, bytes32[] calldata consistencyProof)
        external
    {
        (bytes16 authority, bool paused) = Agents.authorityOf(registry, msg.sender);
        if (authority == 0) revert CertificateLedgerNotAuthority(msg.sender);
        if (paused) revert CertificateLedgerIssuingPaused(authority);
        bytes32 old = _heads[authority];
        if (predecessorSize == 0) {
            if (old != 0 || newSize == 0 || consistencyProof.length != 0) {
                _refuse(authority, predecessorSize, newSize, newRoot);
            }
            if (newRoot == 0) revert CertificateLedgerBadValue(newRoot);
            if (newSize > MerkleLog.MAX_SIZE) revert CertificateLedgerBadValue(bytes32(uint256(newSize)));
        } else {
            bytes32 oldRoot = MerkleLog.rootBefore(predecessorSize, newSize, newRoot, consistencyProof);
            if (_checkpoint(oldRoot, predecessorSize) != old) {
                _refuse(authority, predecessorSize, newSize, newRoot);
            }
        }
        bytes32 checkpoint = _checkpoint(newRoot, newSize);
        _heads[authority] = checkpoint;
        _anchored[authority][checkpoint] = newSize | block.timestamp << 64;
        emit CheckpointAnchored(authority, newRoot, newSize);
    }

    /// @inheritdoc ICertificateLedger
    function revoke(bytes32 digest, uint8 reason) external {
        _revoke(_callersAuthority(), digest, reason);
    }

    /// @inheritdoc ICertificateLedger
    function suspend(bytes32 digest, uint8 reason) external {
        _suspend(_callersAuthority(), digest, reason);
    }

    /// @inheritdoc ICertificateLedger
    function resume(bytes32 digest, uint8 reason) external {
        _resume(_callersAuthority(), digest, reason);
    }

    /// @inheritdoc ICertificateLedger
    function replace(bytes32 digest, bytes32 successor, uint8 reason) external {
        _replace(_callersAuthority(), digest, successor, reason);
    }

    /// @inheritdoc ICertificateLedger
    function revokeEach(bytes32[] calldata digests, uint8 reason) external {
        bytes16 authority = _callersAuthority();
        for (uint256 i = 0; i < digests.length; ++i) _revoke(authority, digests[i], reason);
    }

    /// @inheritdoc ICertificateLedger
    function suspendEach(bytes32[] calldata digests, uint8 reason) external {
        bytes16 authority = _callersAuthority();
        for (uint256 i = 0; i < digests.length; ++i) _suspend(authority, digests[i], reason);
    }

    /// @inheritdoc ICertificateLedger
    function resumeEach(bytes32[] calldata digests, uint8 reason) external {
        bytes16 authority = _callersAuthority();
        for (uint256 i = 0; i < digests.length; ++i) _resume(authority, digests[i], reason);
    }

    /// @inheritdoc ICertificateLedger
    function replaceEach(bytes32[] calldata digests, bytes32[] calldata successors, uint8 reason) external {
        if (digests.length != successors.length) {
            revert CertificateLedgerUnevenBatch(digests.length, successors.length);
        }
        bytes16 authority = _callersAuthority();
        for (uint256 i = 0; i < digests.length; ++i) _replace(authority, digests[i], successors[i], reason);
    }

    /// @inheritdoc ICertificateLedger
    function head(bytes16 authority) external view returns (uint64 size, bytes32 checkpoint) {
        checkpoint = _heads[authority];
        size = uint64(_anchored[authority][checkpoint]);
    }

    /// @inheritdoc ICertificateLedger
    function anchored(bytes16 authority, bytes32 root, uint64 size) external view returns (uint64 anchoredAt) {
        return _anchoredAt(authority, root, size);
    }

    /// @inheritdoc ICertificateLedger
    function statusOf(bytes16 authority, bytes32 digest) external view returns (Status memory) {
        return _statusOf(authority, digest);
    }

    /// @inheritdoc ICertificateLedger
    function predecessorsOf(bytes16 authority, bytes32 digest)
        external
        view
        returns (bytes32[] memory predecessors)
    {
        predecessors = new bytes32[](_declared[authority][digest].packed >> _PREDECESSORS);
        for (uint256 i = 0; i < predecessors.length; ++i) {
            digest = _predecessors[authority][digest];
            predecessors[i] = digest;
        }
    }

    /// @inheritdoc ICertificateLedger
    function certificateStanding(bytes16 authority, bytes32 root, uint64 size, bytes32 digest)
        external
        view
        returns (uint64 anchoredAt, State state, uint256 predecessors)
    {
        uint256 packed = _declared[authority][digest].packed;
        return (_anchoredAt(authority, root, size), State(uint8(packed)), packed >> _PREDECESSORS);
    }

    /// @inheritdoc ICertificateLedger
    function evidence(
        bytes16 authority,
        bytes32 root,
        uint64 size,
        bytes32 digest,
        bytes32 key,
        bytes16 agreement,
        bytes8 form,
        bytes2 importingCountry
    ) external view returns (Evidence memory) {
        uint64 anchoredAt = _anchoredAt(authority, root, size);
        return Evidence({
            blockNumber: uint64(block.number),
            blockTime: uint64(block.timestamp),
            anchoredAt: anchoredAt,
            status: _statusOf(authority, digest),
            party: registry.partyOf(authority),
            key: registry.keyOf(authority, key),
            mandate: registry.mandateOf(authority, agreement, form),
            mandateWhenAnchored: registry.mandateAsOf(authority, agreement, form, anchoredAt),
            recognised: registry.isRecognised(importingCountry, authority, agreement),
            recognisedWhenAnchored: registry.isRecognisedAsOf(importingCountry, authority, agreement, anchoredAt),
            issuingPaused: registry.isPaused(authority)
        });
    }

    function _revoke(bytes16 authority, bytes32 digest, uint8 reason) private {
        _declare(authority, digest, _GOOD | _SUSPENDED, State.Revoked, reason);
        emit Revoked(authority, digest, reason);
    }

    function _suspend(bytes16 authority, bytes32 digest, uint8 reason) private {
        _declare(authority, digest, _GOOD, State.Suspended, reason);
        emit Suspended(authority, digest, reason);
    }

    function _resume(bytes16 authority, bytes32 digest, uint8 reason) private {
        _declare(authority, digest, _SUSPENDED, State.Good, reason);
        emit Resumed(authority, digest, reason);
    }

    function _replace(bytes16 authority, bytes32 digest, bytes32 successor, uint8 reason) private {
        uint256 before = _declare(authority, digest, _GOOD | _SUSPENDED, State.Replaced, reason) >> _PREDECESSORS;
        if (before == MAX_PREDECESSORS) revert CertificateLedgerReplacedTooOften(digest);
        Declared storage declared = _declared[authority][successor];
        uint256 packed = declared.packed;
        // Good and without predecessors: so replacements make chains, never trees or circles.
        if (successor == 0 || uint8(packed) != uint8(State.Good) || packed >> _PREDECESSORS != 0) {
            revert CertificateLedgerBadSuccessor(digest, successor);
        }
        declared.packed = packed | (before + 1) << _PREDECESSORS;
        _successors[authority][digest] = successor;
        _predecessors[authority][successor] = digest;
        emit Replaced(authority, digest, reason, successor);
    }

    /// @dev What was declared before.
    function _declare(bytes16 authority, bytes32 digest, uint256 allowed, State to, uint8 reason)
        private
        returns (uint256 before)
    {
        if (digest == 0) revert CertificateLedgerBadValue(digest);
        Declared storage declared = _declared[authority][digest];
        before = declared.packed;
        uint8 from = uint8(before);
        if ((allowed >> from) & 1 == 0) revert CertificateLedgerBadTransition(digest, State(from), to);
        declared.packed = uint256(to) | uint256(reason) << 8 | block.timestamp << 16
            | before >> _PREDECESSORS << _PREDECESSORS;
    }

    function _statusOf(bytes16 authority, bytes32 digest) private view returns (Status memory) {
        uint256 packed = _declared[authority][digest].packed;
        return Status(
            State(uint8(packed)), uint8(packed >> 8), uint64(packed >> 16), _successors[authority][digest]
        );
    }

    function _anchoredAt(bytes16 authority, bytes32 root, uint64 size) private view returns (uint64) {
        return uint64(_anchored[authority][_checkpoint(root, size)] >> 64);
    }

    function _callersAuthority() private view returns (bytes16 authority) {
        uint8 roles;
        (authority,, roles) = Agents.rolesOf(registry, msg.sender);
        if (roles & STATUS == 0) revert CertificateLedgerNotAuthority(msg.sender);
    }

    /// @dev Why the checkpoint does not follow the authority's last one.
    function _refuse(bytes16 authority, uint64 predecessorSize, uint64 newSize, bytes32 newRoot) private view {
        uint64 size = uint64(_anchored[authority][_heads[authority]]);
        if (predecessorSize != size) revert CertificateLedgerStalePredecessor(predecessorSize, size);
        if (newSize <= size) revert CertificateLedgerNotGrown(size, newSize);
        revert CertificateLedgerInconsistent(size, newRoot);
    }

    function _checkpoint(bytes32 root, uint64 size) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            mstore(0, root)
            mstore(32, shl(192, size))
            hash := keccak256(0, 40)
        }
    }
}
