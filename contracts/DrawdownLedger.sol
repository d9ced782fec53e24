// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DRAW, IAuthorityRegistry} from "./interfaces/IAuthorityRegistry.sol";
import {ICertificateLedger} from "./interfaces/ICertificateLedger.sol";
import {IDrawdownLedger} from "./interfaces/IDrawdownLedger.sol";
import {Agents} from "./libraries/Agents.sol";
import {MerkleLog} from "./libraries/MerkleLog.sol";

/// @title Quantity drawn per certificate line
/// @author Tulen
/// @notice See `IDrawdownLedger`. Immutable: a new version is a new deployment.
contract DrawdownLedger is IDrawdownLedger {
    /// @dev What was drawn on one line, in one slot. `unit` is that of the last draw; `mayBeBounded` that some
    /// authority has a reservation for a certificate of that digest, so that only then is looked for one.
    struct Line {
        uint128 drawn;
        bytes3 unit;
        bool mayBeBounded;
    }

    /// @dev What one declaration drew, in one slot. `line` is the first 15 bytes of the line's key:
    /// customs chooses neither digest nor line number, so it cannot look for two that agree.
    struct Draw {
        uint128 quantity;
        bytes15 line;
        bool released;
    }

    /// @dev What is reserved for a child's line. `unit` is set from the first reservation on.
    struct Reservation {
        uint128 quantity;
        bytes3 unit;
    }

    /// @inheritdoc IDrawdownLedger
    ICertificateLedger public immutable ledger;

    /// @dev Kind of a certificate's log entry (docs/specs/log.md, section 1).
    uint8 private constant _CERTIFICATE = 1;
    IAuthorityRegistry private immutable _registry;
    mapping(bytes32 lineKey => Line) private _lines;
    mapping(bytes16 customs => mapping(bytes32 declaration => Draw)) private _draws;
    mapping(bytes16 authority => mapping(bytes32 lineKey => Reservation)) private _reservations;
    /// @dev The child that a declaration drew for.
    mapping(bytes16 customs => mapping(bytes32 declaration => bytes32 childKey)) private _children;

    /// @notice Deploys a ledger from which nothing was drawn.
    /// @param ledger_ Whose certificates are drawn, and whose registry says who is customs; for ever.
    constructor(ICertificateLedger ledger_) {
        ledger = ledger_;
        _registry = ledger_.registry();
    }

    /// @inheritdoc IDrawdownLedger
    function draw(
        Allowance calldata allowance,
        AllowanceProof calldata proof,
        uint128 quantity,
        bytes32 declaration
    ) external {
        (bytes16 customs,, bool fresh) = _drawFor(allowance, proof, quantity, declaration);
        if (!fresh && _children[customs][declaration] != 0) {
            revert DrawdownLedgerDeclarationTaken(declaration, quantity);
        }
    }

    /// @inheritdoc IDrawdownLedger
    function release(bytes32 digest, uint16 line, bytes32 declaration) external {
        bytes16 customs = _callersCustoms();
        if (_children[customs][declaration] != 0) revert DrawdownLedgerDeclarationUnknown(declaration);
        _release(customs, digest, line, declaration);
    }

    /// @inheritdoc IDrawdownLedger
    function reserve(
        Allowance calldata allowance,
        AllowanceProof calldata proof,
        uint128 quantity,
        bytes32 declaration,
        Child calldata child
    ) external {
        (bytes16 customs, bytes32 digest, bool fresh) = _drawFor(allowance, proof, quantity, declaration);
        bytes32 childKey = keccak256(abi.encode(child));
        if (!fresh) {
            if (_children[customs][declaration] == childKey) return;
            revert DrawdownLedgerDeclarationTaken(declaration, quantity);
        }
        if (
            child.digest == digest || _registry.partyOf(child.authority).country != allowance.importingCountry
        ) revert DrawdownLedgerBadChild(child.authority, child.digest);
        bytes32 lineKey = _lineKey(child.digest, child.line);
        Reservation storage reservation = _reservations[child.authority][lineKey];
        bytes3 unit = reservation.unit;
        if (unit != 0 && unit != allowance.unit) {
            revert DrawdownLedgerUnitDiffers(child.digest, child.line, unit);
        }
        reservation.unit = allowance.unit;
        reservation.quantity += quantity;
        _lines[lineKey].mayBeBounded = true;
        _children[customs][declaration] = childKey;
        emit Reserved(child.digest, child.line, declaration, child.authority, customs, quantity);
    }

    /// @inheritdoc IDrawdownLedger
    function unreserve(bytes32 digest, uint16 line, bytes32 declaration, Child calldata child) external {
        bytes16 customs = _callersCustoms();
        if (_children[customs][declaration] != keccak256(abi.encode(child))) {
            revert DrawdownLedgerDeclarationUnknown(declaration);
        }
        uint128 quantity = _release(customs, digest, line, declaration);
        Account memory account = _accountOf(child.authority, child.digest, child.line, 0);
        // Once replaced, it is the successor's, which may have drawn it.
        ICertificateLedger.State state = ledger.statusOf(child.authority, child.digest).state;
        if (state == ICertificateLedger.State.Replaced || account.reserved < account.drawn + quantity) {
            revert DrawdownLedgerReservationUsed(child.digest, child.line);
        }
        _reservations[child.authority][_lineKey(child.digest, child.line)].quantity -= quantity;
        emit Unreserved(child.digest, child.line, declaration, child.authority, customs, quantity);
    }

    /// @inheritdoc IDrawdownLedger
    function drawn(bytes32 digest, uint16 line) external view returns (uint128) {
        return _lines[_lineKey(digest, line)].drawn;
    }

    /// @inheritdoc IDrawdownLedger
    function drawnFor(bytes16 customs, bytes32 declaration) external view returns (uint128) {
        Draw memory known = _draws[customs][declaration];
        return known.released ? 0 : known.quantity;
    }

    /// @inheritdoc IDrawdownLedger
    function accountOf(bytes16 authority, bytes32 digest, uint16 line) external view returns (Account memory) {
        return _accountOf(authority, digest, line, 0);
    }

    /// @dev `fresh` is false where the declaration drew that before, in which case nothing changes.
    function _drawFor(
        Allowance calldata allowance,
        AllowanceProof calldata proof,
        uint128 quantity,
        bytes32 declaration
    ) private returns (bytes16 customs, bytes32 digest, bool fresh) {
        if (quantity == 0 || declaration == 0 || allowance.unit == 0) revert DrawdownLedgerBadValue();
        bool recognised;
        {
            bytes2 country;
            (customs, country, recognised) = Agents.drawingCustomsOf(_registry, msg.sender, proof.authority);
            if (customs == 0 || country != allowance.importingCountry) {
                revert DrawdownLedgerNotCustoms(msg.sender, allowance.importingCountry);
            }
        }
        digest = _digest(allowance, proof);
        bytes32 lineKey = _lineKey(digest, allowance.line);
        Draw memory before = _draws[customs][declaration];
        if (before.quantity != 0) {
            if (before.quantity == quantity && before.line == bytes15(lineKey) && !before.released) {
                return (customs, digest, false);
            }
            revert DrawdownLedgerDeclarationTaken(declaration, before.released ? 0 : before.quantity);
        }
        if (!recognised) revert DrawdownLedgerNotRecognised(proof.authority, allowance.importingCountry);
        _count(lineKey, digest, allowance, _predecessorsOfGood(digest, proof), proof.authority, quantity);
        _draws[customs][declaration] = Draw(quantity, bytes15(lineKey), false);
        emit Drawn(digest, allowance.line, declaration, customs, quantity);
        return (customs, digest, true);
    }

    /// @dev Adds `quantity` to what is drawn on the line, if that much is left.
    function _count(
        bytes32 lineKey,
        bytes32 digest,
        Allowance calldata allowance,
        uint256 predecessors,
        bytes16 authority,
        uint128 quantity
    ) private {
        Line memory line = _lines[lineKey];
        uint256 most = allowance.quantity;
        uint256 drawnSoFar = line.drawn;
        if (predecessors != 0 || line.mayBeBounded) {
            Account memory account = _accountOf(authority, digest, allowance.line, allowance.unit);
            drawnSoFar = account.drawn;
            if (account.bounded && account.reserved < most) most = account.reserved;
        }
        uint256 available = drawnSoFar < most ? most - drawnSoFar : 0;
        if (quantity > available) {
            revert DrawdownLedgerOverdrawn(digest, allowance.line, quantity, uint128(available));
        }
        _lines[lineKey] = Line(line.drawn + quantity, allowance.unit, line.mayBeBounded);
    }

    function _release(bytes16 customs, bytes32 digest, uint16 line, bytes32 declaration)
        private
        returns (uint128 quantity)
    {
        bytes32 lineKey = _lineKey(digest, line);
        Draw memory before = _draws[customs][declaration];
        if (before.quantity == 0 || before.released || before.line != bytes15(lineKey)) {
            revert DrawdownLedgerDeclarationUnknown(declaration);
        }
        quantity = before.quantity;
        _lines[lineKey].drawn -= quantity;
        _draws[customs][declaration].released = true;
        emit Released(digest, line, declaration, customs, quantity);
    }

    /// @dev Sums over the certificate and its predecessors; where `unit` is given, it must be that of whatever
    /// counts.
    function _accountOf(bytes16 authority, bytes32 digest, uint16 line, bytes3 unit)
        private
        view
        returns (Account memory account)
    {
        bytes32[] memory predecessors = ledger.predecessorsOf(authority, digest);
        for (uint256 i = 0; i <= predecessors.length; ++i) {
            if (i != 0) digest = predecessors[i - 1];
            bytes32 lineKey = _lineKey(digest, line);
            Line memory own = _lines[lineKey];
            if (own.drawn != 0 && unit != 0 && own.unit != unit) {
                revert DrawdownLedgerUnitDiffers(digest, line, own.unit);
            }
            account.drawn += own.drawn;
            if (!own.mayBeBounded) continue;
            Reservation memory reservation = _reservations[authority][lineKey];
            if (reservation.unit == 0) continue;
            if (unit != 0 && reservation.unit != unit) {
                revert DrawdownLedgerUnitDiffers(digest, line, reservation.unit);
            }
            account.reserved += reservation.quantity;
            account.bounded = true;
        }
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

    /// @dev The certificate stands in an anchored log of the authority, which says nothing against it.
    function _predecessorsOfGood(bytes32 digest, AllowanceProof calldata proof) private view returns (uint256) {
        (uint256 anchoredAt, ICertificateLedger.State state, uint256 predecessors) =
            _standing(proof.authority, proof.logRoot, proof.logSize, digest);
        if (anchoredAt == 0) revert DrawdownLedgerRootUnknown(proof.logRoot);
        bytes32 entry = MerkleLog.entryLeaf(_CERTIFICATE, digest);
        if (MerkleLog.rootFrom(entry, proof.entryIndex, proof.logSize, proof.logPath) != proof.logRoot) {
            revert DrawdownLedgerProofInvalid(digest);
        }
        if (state != ICertificateLedger.State.Good) revert DrawdownLedgerNotGood(digest, state);
        return predecessors;
    }

    /// @dev Whoever calls; what it releases must be its own draw in any case.
    function _callersCustoms() private view returns (bytes16 customs) {
        uint8 roles;
        (customs,, roles) = Agents.rolesOf(_registry, msg.sender);
        if (roles & DRAW == 0) customs = 0;
    }

    /// @dev `ledger.certificateStanding` without the compiler's checks of the answer (about 500 gas): the
    /// ledger is our own and immutable.
    function _standing(bytes16 authority, bytes32 root, uint64 size, bytes32 digest)
        private
        view
        returns (uint256 anchoredAt, ICertificateLedger.State state, uint256 predecessors)
    {
        ICertificateLedger asked = ledger;
        bytes4 selector = ICertificateLedger.certificateStanding.selector;
        assembly ("memory-safe") {
            let answer := mload(0x40)
            mstore(answer, selector)
            mstore(add(answer, 4), authority)
            mstore(add(answer, 36), root)
            mstore(add(answer, 68), size)
            mstore(add(answer, 100), digest)
            if iszero(staticcall(gas(), asked, answer, 132, answer, 96)) { revert(0, 0) }
            anchoredAt := mload(answer)
            state := mload(add(answer, 32))
            predecessors := mload(add(answer, 64))
        }
    }

    function _lineKey(bytes32 digest, uint16 line) private pure returns (bytes32) {
        return keccak256(abi.encode(digest, line));
    }
}
