// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISSUING_AUTHORITY} from "../../contracts/interfaces/IAuthorityRegistry.sol";
import {ICertificateLedger} from "../../contracts/interfaces/ICertificateLedger.sol";
import {IDrawdownLedger} from "../../contracts/interfaces/IDrawdownLedger.sol";
import {House} from "./House.sol";
import {NaiveLog} from "./NaiveLog.sol";

/// @title Two countries' customs that draw, re-export and release, while certificates are replaced
/// @author Tulen
/// @notice Certificates 0 to 4 are of Viet Nam to Indonesia, 5 and 6 of Indonesia to Malaysia, back-to-back. As
/// the documents ask, a child is drawn after something was reserved for it, and a successor is not drawn before
/// it succeeds.
contract Trade is House {
    bytes16 private constant ISSUER = "party ID.ISSUER";
    address private constant ISSUER_ACCOUNT = address(0xA3);
    uint256 private constant PARENTS = 5;
    uint256 private constant ALL = 7;
    uint256 private constant DECLARATIONS = 10;

    uint128[ALL] private _certified = [uint128(1_000), 600, 1_200, 1_000, 1_000, 900, 2_000];
    IDrawdownLedger.Allowance[ALL] private _allowances;
    bytes32[ALL] private _digests;
    bytes32[][ALL] private _paths;
    bytes32 private _root;
    bool[ALL] private _succeeds;
    /// @dev Certificate and child that a declaration drew for, one more than their numbers.
    uint256[DECLARATIONS] private _parentOf;
    uint256[DECLARATIONS] private _childOf;

    constructor() {
        build();
        register(ISSUER, "ID", ISSUING_AUTHORITY, ISSUER_ACCOUNT);
        bytes32[] memory log = new bytes32[](ALL);
        for (uint256 i = 0; i < ALL; ++i) {
            _allowances[i] = IDrawdownLedger.Allowance(
                bytes16(sha256(abi.encode(i))), 1, "KGM", _certified[i], i < PARENTS ? bytes2("ID") : bytes2("MY")
            );
            _digests[i] = leafOf(_allowances[i]);
            log[i] = hashes.entryLeaf(1, _digests[i]);
        }
        for (uint256 i = 0; i < ALL; ++i) _paths[i] = NaiveLog.path(log, i, 0, ALL);
        _root = anchor(MOIT_ACCOUNT, log, 0, uint64(ALL));
        anchor(ISSUER_ACCOUNT, log, 0, uint64(ALL));
    }

    function draw(uint256 index, uint128 quantity, uint256 declaration) external {
        index %= ALL;
        declaration %= DECLARATIONS;
        IDrawdownLedger.Account memory before = _account(index);
        if (index >= PARENTS && !before.bounded) return;
        if (index < PARENTS && index != 0 && !_succeeds[index] && index != 4) return;
        quantity = uint128(between(quantity, 1, 700));
        vm.prank(index < PARENTS ? PRIOK : KLANG);
        try drawdowns.draw(_allowances[index], _proof(index), quantity, bytes32(declaration + 1)) {
            _checkDraw(index);
            if (index < PARENTS) _parentOf[declaration] = index + 1;
        } catch (bytes memory refusal) {
            _checkRefusal(refusal);
        }
    }

    function reserve(uint256 index, uint256 child, uint128 quantity, uint256 declaration) external {
        index %= PARENTS;
        if (index != 0 && index != 4 && !_succeeds[index]) return;
        child = PARENTS + child % (ALL - PARENTS);
        declaration %= DECLARATIONS;
        quantity = uint128(between(quantity, 1, 700));
        vm.prank(PERAK);
        try drawdowns.reserve(
            _allowances[index], _proof(index), quantity, bytes32(declaration + 1), _child(child)
        ) {
            _checkDraw(index);
            _parentOf[declaration] = index + 1;
            _childOf[declaration] = child + 1;
        } catch (bytes memory refusal) {
            _checkRefusal(refusal);
        }
    }

    function release(uint256 declaration) external {
        declaration %= DECLARATIONS;
        uint256 parent = _parentOf[declaration];
        uint256 child = _childOf[declaration];
        if (parent == 0) return;
        bytes32 digest = _digests[parent - 1];
        vm.prank(PRIOK);
        if (child == 0) {
            try drawdowns.release(digest, 1, bytes32(declaration + 1)) {} catch {}
        } else {
            try drawdowns.release(digest, 1, bytes32(declaration + 1)) {
                check("a reservation is not simply released", false);
            } catch {}
            vm.prank(PRIOK);
            try drawdowns.unreserve(digest, 1, bytes32(declaration + 1), _child(child - 1)) {} catch {}
        }
    }

    function releaseImport(uint256 index, uint256 declaration) external {
        bytes32 digest = _digests[PARENTS + index % (ALL - PARENTS)];
        vm.prank(KLANG);
        try drawdowns.release(digest, 1, bytes32(1 + declaration % DECLARATIONS)) {} catch {}
    }

    /// @notice 0 by 1 by 2 by 3, and 5 by 6.
    function replace(uint256 index) external {
        index %= ALL - 1;
        if (index == 3 || index == 4 || (index == 5 && _account(6).bounded)) return;
        bool parent = index < PARENTS;
        vm.prank(parent ? MOIT_ACCOUNT : ISSUER_ACCOUNT);
        try ledger.replace(_digests[index], _digests[index + 1], 5) {
            _succeeds[index + 1] = true;
        } catch {}
    }

    /// @notice Whatever was done: no line has more drawn than it certifies, no chain more than the most that one of
    /// it certifies, no child more than is reserved for it, and no more is reserved than was drawn for it.
    function checkQuantities() external view {
        uint256 chain = 0;
        uint256 most = 0;
        uint256 fromParents = 0;
        for (uint256 i = 0; i < ALL; ++i) {
            uint256 own = drawdowns.drawn(_digests[i], 1);
            check("a line holds", own <= _certified[i]);
            if (!_succeeds[i]) (chain, most) = (0, 0);
            chain += own;
            if (_certified[i] > most) most = _certified[i];
            check("a chain holds", chain <= most);
            checkEqual("the account is the chain's sum", _account(i).drawn, chain);
            if (i < PARENTS) fromParents += own;
            else check("a child holds", chain <= _account(i).reserved);
        }
        uint256 reserved = _account(6).reserved + (_succeeds[6] ? 0 : _account(5).reserved);
        check("parents pay", reserved <= fromParents);
        uint256 live = 0;
        for (uint256 i = 0; i < DECLARATIONS; ++i) {
            if (_childOf[i] != 0) live += drawdowns.drawnFor(DJBC, bytes32(i + 1));
        }
        checkEqual("reserved is what was drawn for children", reserved, live);
    }

    function _checkDraw(uint256 index) private view {
        IDrawdownLedger.Account memory account = _account(index);
        check("within what it certifies", account.drawn <= _certified[index]);
        check("within what is reserved", !account.bounded || account.drawn <= account.reserved);
    }

    function _checkRefusal(bytes memory refusal) private pure {
        bytes4 selector = bytes4(refusal);
        check(
            "refused for a reason",
            selector == IDrawdownLedger.DrawdownLedgerOverdrawn.selector
                || selector == IDrawdownLedger.DrawdownLedgerDeclarationTaken.selector
                || selector == IDrawdownLedger.DrawdownLedgerNotGood.selector
        );
    }

    function _account(uint256 index) private view returns (IDrawdownLedger.Account memory) {
        return drawdowns.accountOf(index < PARENTS ? MOIT : ISSUER, _digests[index], 1);
    }

    function _child(uint256 index) private view returns (IDrawdownLedger.Child memory) {
        return IDrawdownLedger.Child(ISSUER, _digests[index], 1);
    }

    function _proof(uint256 index) private view returns (IDrawdownLedger.AllowanceProof memory) {
        return IDrawdownLedger.AllowanceProof({
            leafIndex: 0,
            leafCount: 1,
            certificatePath: new bytes32[](0),
            authority: index < PARENTS ? MOIT : ISSUER,
            entryIndex: uint64(index),
            logSize: uint64(ALL),
            logRoot: _root,
            logPath: _paths[index]
        });
    }
}

/// @title An authority that declares whatever it likes, while its issuing is paused and resumed
/// @author Tulen
/// @notice Remembers what became final.
contract Notary is House {
    uint256 private constant DIGESTS = 8;

    bytes32[DIGESTS] private _final;

    constructor() {
        build();
    }

    function declare(uint256 digest, uint256 verb, uint256 successor, bool batch) external {
        digest = 1 + digest % DIGESTS;
        bytes32[] memory digests = one(bytes32(digest));
        bytes32[] memory successors = one(bytes32(1 + successor % DIGESTS));
        bytes[4] memory calls = batch
            ? [
                abi.encodeCall(ledger.revokeEach, (digests, 1)),
                abi.encodeCall(ledger.suspendEach, (digests, 7)),
                abi.encodeCall(ledger.resumeEach, (digests, 8)),
                abi.encodeCall(ledger.replaceEach, (digests, successors, 5))
            ]
            : [
                abi.encodeCall(ledger.revoke, (digests[0], 1)),
                abi.encodeCall(ledger.suspend, (digests[0], 7)),
                abi.encodeCall(ledger.resume, (digests[0], 8)),
                abi.encodeCall(ledger.replace, (digests[0], successors[0], 5))
            ];
        ICertificateLedger.State before = ledger.statusOf(MOIT, bytes32(digest)).state;
        vm.warp(block.timestamp + 1);
        vm.prank(MOIT_ACCOUNT);
        (bool done,) = address(ledger).call(calls[verb % 4]);
        bool open = before == ICertificateLedger.State.Good || before == ICertificateLedger.State.Suspended;
        check("what is final cannot change", !done || open);
        check("what is not can be revoked, paused or not", verb % 4 != 0 || done == open);
        if (done && (verb % 4 == 0 || verb % 4 == 3)) _final[digest - 1] = _seal(digest);
    }

    function pause(bool everybody) external {
        try registry.pauseIssuing(everybody ? bytes16(0) : MOIT) {} catch {}
    }

    function unpause(bool everybody) external {
        try registry.resumeIssuing(everybody ? bytes16(0) : MOIT) {} catch {}
    }

    function anchorSomething(bytes32 root, uint64 size) external {
        (uint64 before,) = ledger.head(MOIT);
        bool paused = registry.isPaused(MOIT);
        vm.prank(MOIT_ACCOUNT);
        try ledger.anchor(0, uint64(between(size, 1, 1_000)), root, new bytes32[](0)) {
            check("not while paused", !paused && before == 0);
        } catch {
            check("for a reason", paused || before != 0 || root == 0);
        }
    }

    function checkFinal() external view {
        for (uint256 i = 0; i < DIGESTS; ++i) {
            if (_final[i] != 0) checkEqual("final", _seal(i + 1), _final[i]);
        }
    }

    function _seal(uint256 digest) private view returns (bytes32) {
        return keccak256(abi.encode(ledger.statusOf(MOIT, bytes32(digest))));
    }
}

/// @title What must hold whatever is done, in whatever order
/// @author Tulen
/// @notice The runner calls the handlers at random and asks after each call.
contract TradeInvariantTest {
    Trade private trade;

    function setUp() public {
        trade = new Trade();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(trade);
    }

    /// hardhat-config: invariant.runs = 40
    /// hardhat-config: invariant.depth = 80
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_noChainAndNoParentGivesMoreThanItHas() public view {
        trade.checkQuantities();
    }
}

/// @title What must hold whatever is done, in whatever order
/// @author Tulen
/// @notice The runner calls the handlers at random and asks after each call.
contract NotaryInvariantTest {
    Notary private notary;

    function setUp() public {
        notary = new Notary();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(notary);
    }

    /// hardhat-config: invariant.runs = 30
    /// hardhat-config: invariant.depth = 60
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_whatIsFinalStaysSo() public view {
        notary.checkFinal();
    }
}
