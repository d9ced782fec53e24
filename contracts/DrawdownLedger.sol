// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthorityRegistry} from "./interfaces/IAuthorityRegistry.sol";
import {ICertificateLedger} from "./interfaces/ICertificateLedger.sol";
import {IDrawdownLedger} from "./interfaces/IDrawdownLedger.sol";
import {Agents} from "./libraries/Agents.sol";
import {MerkleLog} from "./libraries/MerkleLog.sol";

/// @title Quantity drawn per certificate line
/// @author Tulen
/// @notice See `IDrawdownLedger`. Immutable: a new version is a new deployment.
contract DrawdownLedger is IDrawdownLedger {
    /// @dev What one declaration drew, in one slot. `line` is the first 15 bytes of the line's key:
    /// customs chooses neither digest nor line number, so it cannot look for two that agree.
    struct Draw {
        uint128 quantity;
        bytes15 line;
        bool released;
    }

    /// @inheritdoc IDrawdownLedger
    ICertificateLedger public immutable ledger;

    /// @dev Kind of a certificate's log entry (docs/specs/log.md, section 1).
    uint8 private constant _CERTIFICATE = 1;
    IAuthorityRegistry private immutable _registry;
    uint8 private immutable _customs;
    mapping(bytes32 lineKey => uint128 quantity) private _drawn;
    mapping(bytes16 customs => mapping(bytes32 declaration => Draw)) private _draws;

    /// @notice Deploys a ledger from which nothing was drawn.
    /// @param ledger_ Whose certificates are drawn, and whose registry says who is customs; for ever.
    constructor(ICertificateLedger ledger_) {
        ledger = ledger_;
        _registry = ledger_.registry();
        _customs = _registry.CUSTOMS();
    }

    /// @inheritdoc IDrawdownLedger
    function draw(
        Allowance calldata allowance,
        AllowanceProof calldata proof,
        uint128 quantity,
        bytes32 declaration
    ) external {
        if (quantity == 0 || declaration == 0) revert DrawdownLedgerBadValue();
        (bytes16 customs, bytes2 country, uint8 roles) = Agents.agentOf(_registry, msg.sender);
        if (roles & _customs == 0 || country != allowance.importingCountry) {
            revert DrawdownLedgerNotCustoms(msg.sender, allowance.importingCountry);
        }
        bytes32 digest = _digest(allowance, proof);
        bytes32 lineKey = _lineKey(digest, allowance.line);
        Draw memory before = _draws[customs][declaration];
        if (before.quantity != 0) {
            if (before.quantity == quantity && before.line == bytes15(lineKey) && !before.released) return;
            revert DrawdownLedgerDeclarationTaken(declaration, before.released ? 0 : before.quantity);
        }
        _requireGood(digest, proof);
        uint128 drawnSoFar = _drawn[lineKey];
        uint128 available = drawnSoFar < allowance.quantity ? allowance.quantity - drawnSoFar : 0;
        if (quantity > available) revert DrawdownLedgerOverdrawn(digest, allowance.line, quantity, available);
        _drawn[lineKey] = drawnSoFar + quantity;
        _draws[customs][declaration] = Draw(quantity, bytes15(lineKey), false);
        emit Drawn(digest, allowance.line, declaration, customs, quantity);
    }

    /// @inheritdoc IDrawdownLedger
    function release(bytes32 digest, uint16 line, bytes32 declaration) external {
        (bytes16 customs,,) = Agents.agentOf(_registry, msg.sender);
        bytes32 lineKey = _lineKey(digest, line);
        Draw memory before = _draws[customs][declaration];
        if (before.quantity == 0 || before.released || before.line != bytes15(lineKey)) {
            revert DrawdownLedgerDeclarationUnknown(declaration);
        }
        _drawn[lineKey] -= before.quantity;
        _draws[customs][declaration].released = true;
        emit Released(digest, line, declaration, customs, before.quantity);
    }

    /// @inheritdoc IDrawdownLedger
    function drawn(bytes32 digest, uint16 line) external view returns (uint128) {
        return _drawn[_lineKey(digest, line)];
    }

    /// @inheritdoc IDrawdownLedger
    function drawnFor(bytes16 customs, bytes32 declaration) external view returns (uint128) {
        Draw memory known = _draws[customs][declaration];
        return known.released ? 0 : known.quantity;
    }

    /// @dev The certificate that the allowance is a line of. A leaf cannot pass for a node, so whatever
    /// index and size the caller claims, the digest commits to that leaf.
    function _digest(Allowance calldata allowance, AllowanceProof calldata proof)
        private
        view
        returns (bytes32 digest)
    {
        bytes32 leaf = MerkleLog.allowanceLeaf(
            allowance.salt, allowance.line, allowance.unit, allowance.quantity, allowance.importingCountry
        );
        digest = MerkleLog.rootFrom(leaf, proof.leafIndex, proof.leafCount, proof.certificatePath);
        if (digest == 0) revert DrawdownLedgerProofInvalid(digest);
    }

    /// @dev The certificate stands in an anchored log, and nothing speaks against it there.
    function _requireGood(bytes32 digest, AllowanceProof calldata proof) private view {
        ICertificateLedger.Anchored memory root = ledger.anchored(proof.logRoot);
        if (root.size == 0) revert DrawdownLedgerRootUnknown(proof.logRoot);
        bytes32 entry = MerkleLog.entryLeaf(_CERTIFICATE, digest);
        if (MerkleLog.rootFrom(entry, proof.entryIndex, root.size, proof.logPath) != proof.logRoot) {
            revert DrawdownLedgerProofInvalid(digest);
        }
        ICertificateLedger.State state = ledger.statusOf(root.authority, digest).state;
        if (state != ICertificateLedger.State.Good) revert DrawdownLedgerNotGood(digest, state);
    }

    function _lineKey(bytes32 digest, uint16 line) private pure returns (bytes32) {
        return keccak256(abi.encode(digest, line));
    }
}
