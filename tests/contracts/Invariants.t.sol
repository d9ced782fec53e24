// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CUSTOMS} from "../../contracts/interfaces/IAuthorityRegistry.sol";
import {IDrawdownLedger} from "../../contracts/interfaces/IDrawdownLedger.sol";
import {House} from "./House.sol";
import {NaiveLog} from "./NaiveLog.sol";

/// @title Customs that draw, repeat and release as they come
/// @author Tulen
/// @notice Three accounts of two customs, few declarations, so that they meet.
contract Customs is House {
    uint128 private constant CERTIFIED = 1_000;
    uint256 private constant DECLARATIONS = 12;
    bytes16 private constant OTHER = "party ID.OTHER";
    address private constant OTHER_ACCOUNT = address(0xC4);

    bytes32 public digest;
    IDrawdownLedger.Allowance private _allowance;
    IDrawdownLedger.AllowanceProof private _proof;

    constructor() {
        build();
        register(OTHER, "ID", CUSTOMS, OTHER_ACCOUNT);
        _allowance = allowanceOf(1, CERTIFIED);
        bytes32[] memory leaves = NaiveLog.someLeaves("claims", 6);
        leaves[5] = leafOf(_allowance);
        digest = NaiveLog.root(leaves, 0, 6);
        bytes32[] memory log = one(hashes.entryLeaf(1, digest));
        _proof = IDrawdownLedger.AllowanceProof({
            leafIndex: 5,
            leafCount: 6,
            certificatePath: NaiveLog.path(leaves, 5, 0, 6),
            authority: MOIT,
            entryIndex: 0,
            logSize: 1,
            logRoot: anchor(MOIT_ACCOUNT, log, 0, 1),
            logPath: new bytes32[](0)
        });
    }

    /// @notice Tries to draw up to two thirds of what is certified.
    function draw(uint256 account, uint256 declaration, uint128 quantity) external {
        quantity = uint128(between(quantity, 1, CERTIFIED * 2 / 3));
        vm.prank(_account(account));
        try drawdowns.draw(_allowance, _proof, quantity, _declaration(declaration)) {}
        catch (bytes memory refusal) {
            check(
                "refused for a reason",
                bytes4(refusal) == IDrawdownLedger.DrawdownLedgerOverdrawn.selector
                    || bytes4(refusal) == IDrawdownLedger.DrawdownLedgerDeclarationTaken.selector
            );
        }
    }

    /// @notice Draws again what a declaration drew: nothing may change.
    function drawAgain(uint256 account, uint256 declaration) external {
        uint128 quantity = drawdowns.drawnFor(_party(account), _declaration(declaration));
        if (quantity == 0) return;
        uint128 before = total();
        vm.prank(_account(account));
        drawdowns.draw(_allowance, _proof, quantity, _declaration(declaration));
        checkEqual("unchanged", total(), before);
    }

    /// @notice Releases what a declaration drew, if anything.
    function release(uint256 account, uint256 declaration) external {
        uint128 quantity = drawdowns.drawnFor(_party(account), _declaration(declaration));
        uint128 before = total();
        vm.prank(_account(account));
        try drawdowns.release(digest, 1, _declaration(declaration)) {
            checkEqual("given back", total(), before - quantity);
        } catch {
            checkEqual("nothing to release", quantity, 0);
        }
    }

    function total() public view returns (uint128) {
        return drawdowns.drawn(digest, 1);
    }

    function certified() external pure returns (uint128) {
        return CERTIFIED;
    }

    /// @notice What all declarations of both customs have drawn and not released.
    function sumOfDeclarations() external view returns (uint256 sum) {
        for (uint256 i = 0; i < DECLARATIONS; ++i) {
            sum += drawdowns.drawnFor(DJBC, _declaration(i)) + drawdowns.drawnFor(OTHER, _declaration(i));
        }
    }

    function _account(uint256 random) private pure returns (address) {
        return [PRIOK, PERAK, OTHER_ACCOUNT][random % 3];
    }

    function _party(uint256 random) private pure returns (bytes16) {
        return random % 3 == 2 ? OTHER : DJBC;
    }

    function _declaration(uint256 random) private pure returns (bytes32) {
        return bytes32(1 + random % DECLARATIONS);
    }
}

/// @title An authority that anchors honestly, and tries not to
/// @author Tulen
/// @notice Remembers every checkpoint that the ledger accepted.
contract Authority is House {
    bytes32[] private _leaves;
    bytes32[] private _roots;
    uint64[] private _sizes;
    uint64[] private _times;

    constructor() {
        build();
        _leaves = NaiveLog.someLeaves("log", 64);
    }

    /// @notice Anchors a few entries more.
    function grow(uint256 entries, uint32 seconds_) external {
        uint64 oldSize = size();
        if (oldSize == _leaves.length) return;
        vm.warp((_times.length == 0 ? block.timestamp : _times[_times.length - 1]) + seconds_ % 600);
        uint64 newSize = uint64(oldSize + between(entries, 1, _min(_leaves.length - oldSize, 9)));
        _roots.push(anchor(MOIT_ACCOUNT, _leaves, oldSize, newSize));
        _sizes.push(newSize);
        _times.push(uint64(block.timestamp));
    }

    /// @notice Tries to anchor a tree in which an entry of the past is another, with the proof for it.
    function rewrite(uint256 index, uint256 entries) external {
        uint64 oldSize = size();
        if (oldSize == 0) return;
        uint64 newSize = uint64(oldSize + between(entries, 1, 9));
        bytes32[] memory leaves = NaiveLog.someLeaves("log", newSize);
        leaves[index % oldSize] = sha256(abi.encode("rewritten", index));
        _expectRefused(
            oldSize,
            newSize,
            NaiveLog.root(leaves, 0, newSize),
            NaiveLog.consistency(leaves, oldSize, 0, newSize, false)
        );
    }

    /// @notice Tries to go back to an older or equal size, or to fork from an older head.
    function fork(uint256 from, uint256 to) external {
        uint64 oldSize = size();
        if (oldSize < 2) return;
        uint64 start = uint64(between(from, 0, oldSize - 1));
        uint64 newSize = uint64(between(to, start + 1, oldSize));
        bytes32[] memory proof =
            start == 0 ? new bytes32[](0) : NaiveLog.consistency(_leaves, start, 0, newSize, false);
        _expectRefused(start, newSize, NaiveLog.root(_leaves, 0, newSize), proof);
        _expectRefused(oldSize, newSize, NaiveLog.root(_leaves, 0, newSize), proof);
    }

    function size() public view returns (uint64 current) {
        (current,) = ledger.head(MOIT);
    }

    /// @notice Every checkpoint ever accepted stands as it was, each larger than the one before, the last one as head.
    function checkHistory() external view {
        uint64 last = 0;
        for (uint256 i = 0; i < _roots.length; ++i) {
            checkEqual("time", ledger.anchored(MOIT, _roots[i], _sizes[i]), _times[i]);
            check("grown", _sizes[i] > last);
            last = _sizes[i];
        }
        (uint64 headSize, bytes32 head) = ledger.head(MOIT);
        checkEqual("head's size", headSize, last);
        bytes32 expected = keccak256(abi.encodePacked(last == 0 ? bytes32(0) : _roots[_roots.length - 1], last));
        checkEqual("head", head, last == 0 ? bytes32(0) : expected);
    }

    function _expectRefused(uint64 oldSize, uint64 newSize, bytes32 root, bytes32[] memory proof) private {
        vm.prank(MOIT_ACCOUNT);
        try ledger.anchor(oldSize, newSize, root, proof) {
            check("refused", false);
        } catch {}
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}

/// @title What must hold whatever is done, in whatever order
/// @author Tulen
/// @notice The runner calls the handlers at random and asks after each call.
contract DrawdownInvariantTest {
    Customs private customs;

    function setUp() public {
        customs = new Customs();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(customs);
    }

    /// hardhat-config: invariant.runs = 40
    /// hardhat-config: invariant.depth = 60
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_drawnNeverExceedsCertified() public view {
        require(customs.total() <= customs.certified(), "drawn > certified");
        require(customs.total() == customs.sumOfDeclarations(), "drawn is not the sum of the declarations");
    }
}

/// @title What must hold whatever is done, in whatever order
/// @author Tulen
/// @notice The runner calls the handlers at random and asks after each call.
contract LogInvariantTest {
    Authority private authority;

    function setUp() public {
        authority = new Authority();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(authority);
    }

    /// hardhat-config: invariant.runs = 20
    /// hardhat-config: invariant.depth = 40
    /// hardhat-config: invariant.failOnRevert = true
    function invariant_aLogOnlyGrows() public view {
        authority.checkHistory();
    }
}
