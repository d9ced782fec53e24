// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthorityRegistry} from "./interfaces/IAuthorityRegistry.sol";
import {ICertificateLedger} from "./interfaces/ICertificateLedger.sol";
import {Agents} from "./libraries/Agents.sol";
import {MerkleLog} from "./libraries/MerkleLog.sol";

/// @title Append-only logs of issuing authorities, and the status of what they issued
/// @author Tulen
/// @notice See `ICertificateLedger`. Immutable: a new version is a new deployment.
contract CertificateLedger is ICertificateLedger {
    /// @dev What was last declared of a digest, in one slot; a successor is kept apart, as few have one.
    /// Packed by hand, as the compiler would read the slot again to keep its unused bits:
    /// state in bits 0 to 7, reason in 8 to 15, since from 16.
    struct Declared {
        uint256 packed;
    }

    /// @dev States that a change may start from, as bit sets.
    uint256 private constant _GOOD = 1 << uint256(State.Good);
    uint256 private constant _SUSPENDED = 1 << uint256(State.Suspended);

    /// @inheritdoc ICertificateLedger
    IAuthorityRegistry public immutable registry;

    uint8 private immutable _issuingAuthority;
    /// @dev The head's size stands in the slot of its root; no root is zero, so neither is a head's.
    mapping(bytes16 authority => bytes32 root) private _heads;
    mapping(bytes32 root => Anchored) private _anchored;
    mapping(bytes16 authority => mapping(bytes32 digest => Declared)) private _declared;
    mapping(bytes16 authority => mapping(bytes32 digest => bytes32 successor)) private _successors;

    /// @notice Deploys a ledger without any log.
    /// @param registry_ Says who may anchor; for ever.
    constructor(IAuthorityRegistry registry_) {
        registry = registry_;
        _issuingAuthority = registry_.ISSUING_AUTHORITY();
    }

    /// @inheritdoc ICertificateLedger
    function anchor(uint64 predecessorSize, uint64 newSize, bytes32 newRoot, bytes32[] calldata consistencyProof)
        external
    {
        bytes16 authority = _callersAuthority();
        bytes32 oldRoot = _heads[authority];
        uint64 oldSize = _anchored[oldRoot].size;
        if (predecessorSize != oldSize) revert CertificateLedgerStalePredecessor(predecessorSize, oldSize);
        if (newSize <= oldSize) revert CertificateLedgerNotGrown(oldSize, newSize);
        if (newRoot == 0) revert CertificateLedgerBadValue(newRoot);
        if (newSize > MerkleLog.MAX_SIZE) revert CertificateLedgerBadValue(bytes32(uint256(newSize)));
        Anchored storage checkpoint = _anchored[newRoot];
        if (checkpoint.size != 0) revert CertificateLedgerRootTaken(newRoot);
        if (
            oldSize == 0
                ? consistencyProof.length != 0
                : !MerkleLog.verifyConsistency(oldSize, oldRoot, newSize, newRoot, consistencyProof)
        ) revert CertificateLedgerInconsistent(oldRoot, newRoot);
        _heads[authority] = newRoot;
        checkpoint.size = newSize;
        checkpoint.anchoredAt = uint64(block.timestamp);
        checkpoint.authority = authority;
        emit CheckpointAnchored(authority, newRoot, newSize);
    }

    /// @inheritdoc ICertificateLedger
    function revoke(bytes32[] calldata digests, uint8 reason) external {
        _declareEach(digests, _GOOD | _SUSPENDED, State.Revoked, reason);
    }

    /// @inheritdoc ICertificateLedger
    function suspend(bytes32[] calldata digests, uint8 reason) external {
        _declareEach(digests, _GOOD, State.Suspended, reason);
    }

    /// @inheritdoc ICertificateLedger
    function resume(bytes32[] calldata digests, uint8 reason) external {
        _declareEach(digests, _SUSPENDED, State.Good, reason);
    }

    /// @inheritdoc ICertificateLedger
    function replace(bytes32 digest, bytes32 successor, uint8 reason) external {
        if (successor == 0 || successor == digest) revert CertificateLedgerBadValue(successor);
        bytes16 authority = _callersAuthority();
        _successors[authority][digest] = successor;
        _declare(authority, digest, _GOOD | _SUSPENDED, State.Replaced, reason, successor);
    }

    /// @inheritdoc ICertificateLedger
    function head(bytes16 authority) external view returns (uint64 size, bytes32 root) {
        root = _heads[authority];
        size = _anchored[root].size;
    }

    /// @inheritdoc ICertificateLedger
    function anchored(bytes32 root) external view returns (Anchored memory) {
        return _anchored[root];
    }

    /// @inheritdoc ICertificateLedger
    function statusOf(bytes16 authority, bytes32 digest) external view returns (Status memory) {
        return _statusOf(authority, digest);
    }

    /// @inheritdoc ICertificateLedger
    function evidence(
        bytes16 authority,
        bytes32 root,
        bytes32 digest,
        bytes32 key,
        bytes16 agreement,
        bytes8 form
    ) external view returns (Evidence memory) {
        return Evidence({
            blockNumber: uint64(block.number),
            blockTime: uint64(block.timestamp),
            anchored: _anchored[root],
            status: _statusOf(authority, digest),
            party: registry.partyOf(authority),
            key: registry.keyOf(authority, key),
            mandate: registry.mandateOf(authority, agreement, form)
        });
    }

    function _declareEach(bytes32[] calldata digests, uint256 allowed, State to, uint8 reason) private {
        bytes16 authority = _callersAuthority();
        for (uint256 i = 0; i < digests.length; ++i) {
            _declare(authority, digests[i], allowed, to, reason, 0);
        }
    }

    function _declare(
        bytes16 authority,
        bytes32 digest,
        uint256 allowed,
        State to,
        uint8 reason,
        bytes32 successor
    ) private {
        if (digest == 0) revert CertificateLedgerBadValue(digest);
        Declared storage declared = _declared[authority][digest];
        uint8 from = uint8(declared.packed);
        if ((allowed >> from) & 1 == 0) revert CertificateLedgerBadTransition(digest, State(from), to);
        declared.packed = uint256(to) | uint256(reason) << 8 | block.timestamp << 16;
        emit StatusChanged(authority, digest, to, reason, successor);
    }

    function _statusOf(bytes16 authority, bytes32 digest) private view returns (Status memory) {
        uint256 packed = _declared[authority][digest].packed;
        State state = State(uint8(packed));
        bytes32 successor = state == State.Replaced ? _successors[authority][digest] : bytes32(0);
        return Status(state, uint8(packed >> 8), uint64(packed >> 16), successor);
    }

    function _callersAuthority() private view returns (bytes16 authority) {
        uint8 roles;
        (authority,, roles) = Agents.agentOf(registry, msg.sender);
        if (roles & _issuingAuthority == 0) revert CertificateLedgerNotAuthority(msg.sender);
    }
}
