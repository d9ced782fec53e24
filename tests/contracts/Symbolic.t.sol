// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AuthorityRegistry} from "../../contracts/AuthorityRegistry.sol";
import {CertificateLedger} from "../../contracts/CertificateLedger.sol";
import {DrawdownLedger} from "../../contracts/DrawdownLedger.sol";
import {ANCHOR, CUSTOMS, DRAW, ISSUING_AUTHORITY, STATUS} from "../../contracts/interfaces/IAuthorityRegistry.sol";
import {ICertificateLedger} from "../../contracts/interfaces/ICertificateLedger.sol";
import {IDrawdownLedger} from "../../contracts/interfaces/IDrawdownLedger.sol";
import {MerkleLog} from "../../contracts/libraries/MerkleLog.sol";

/// @title What is proven for every value, not tried for some
/// @author Tulen
/// @notice For halmos (scripts/analyse-contracts), which takes each argument for any value there is and both hash
/// functions for any functions. This contract is governor, steward, authority and customs. `assert` is what halmos
/// looks for.
contract SymbolicTest {
    struct Certificate {
        IDrawdownLedger.Allowance allowance;
        IDrawdownLedger.AllowanceProof proof;
        bytes32 digest;
        bytes32 entry;
    }

    /// @dev Where two certificates are in play, their quantities are given, so that their digests are.
    uint128 private constant MORE = type(uint128).max;
    uint128 private constant LESS = 1_000_000_000;
    bytes16 private constant VN = "VN";
    bytes16 private constant ID = "ID";
    bytes32[] private none;

    AuthorityRegistry private registry;
    CertificateLedger private ledger;
    DrawdownLedger private drawdowns;
    Customs private customs;

    function setUp() public {
        registry = new AuthorityRegistry(address(this));
        ledger = new CertificateLedger(registry);
        drawdowns = new DrawdownLedger(ledger);
        customs = new Customs(drawdowns);
        registry.appointSteward("VN", address(this));
        registry.appointSteward("ID", address(this));
        registry.registerParty(VN, "VN", ISSUING_AUTHORITY);
        registry.registerParty(ID, "ID", CUSTOMS | ISSUING_AUTHORITY);
        registry.authoriseAccount(VN, address(this), ANCHOR | STATUS);
        registry.authoriseAccount(ID, address(customs), ANCHOR | DRAW);
    }

    /// @notice Two draws and a release: the sum is what was granted, and never more than is certified.
    function check_drawnIsTheSumAndWithinWhatIsCertified(
        uint128 certified,
        uint128 first,
        uint128 second,
        bytes32 one,
        bytes32 two,
        bool release
    ) public {
        Certificate memory made = _certificate(certified, 1);
        made.proof.logSize = 1;
        made.proof.logRoot = made.entry;
        ledger.anchor(0, 1, made.entry, none);
        bytes32 digest = made.digest;
        uint256 sum = customs.draw(made.allowance, made.proof, first, one) ? first : 0;
        assert(drawdowns.drawn(digest, 1) == sum);
        bool again = customs.draw(made.allowance, made.proof, second, two);
        if (again && one != two) sum += second;
        if (one == two && sum != 0) assert(!again || first == second);
        assert(sum <= certified);
        assert(drawdowns.drawn(digest, 1) == (one == two && again && sum == 0 ? second : sum));
        uint256 drawnForOne = drawdowns.drawnFor(ID, one);
        uint256 before = drawdowns.drawn(digest, 1);
        if (release && customs.release(digest, 1, one)) {
            assert(drawdowns.drawn(digest, 1) == before - drawnForOne);
            assert(!customs.release(digest, 1, one));
        }
    }

    /// @notice What a successor lets be drawn and what its predecessor did are together within what it certifies.
    function check_aSuccessorCountsItsPredecessor(uint128 before, uint128 afterwards) public {
        Certificate memory old = _certificate(MORE, 1);
        Certificate memory successor = _certificate(LESS, 2);
        _anchorBoth(old, successor);
        customs.draw(old.allowance, old.proof, before, "one");
        ledger.replace(old.digest, successor.digest, 5);
        assert(!customs.draw(old.allowance, old.proof, 1, "three"));
        bool granted = customs.draw(successor.allowance, successor.proof, afterwards, "two");
        uint256 sum = uint256(drawdowns.drawn(old.digest, 1)) + drawdowns.drawn(successor.digest, 1);
        if (granted) assert(sum <= LESS && drawdowns.drawn(successor.digest, 1) == afterwards);
        else assert(afterwards == 0 || sum + afterwards > LESS);
    }

    /// @notice What is drawn on a child is within what its parent lost to it, and that within the parent.
    function check_aChildIsWithinItsParent(uint128 reserved, uint128 imported) public {
        Certificate memory parent = _certificate(MORE, 1);
        Certificate memory child = _certificate(LESS, 2);
        _anchorBoth(parent, child);
        child.proof.authority = ID;
        customs.anchor(ledger, 2, child.proof.logRoot);
        IDrawdownLedger.Child memory named = IDrawdownLedger.Child(ID, child.digest, 1);
        if (!customs.reserve(parent.allowance, parent.proof, reserved, "one", named)) return;
        bool granted = customs.draw(child.allowance, child.proof, imported, "two");
        assert(reserved <= MORE && drawdowns.drawn(parent.digest, 1) == reserved);
        assert(!granted || (imported <= reserved && imported <= LESS));
        bool back = customs.unreserve(parent.digest, 1, "one", named);
        assert(back == !granted);
        assert(drawdowns.drawn(parent.digest, 1) == (back ? 0 : reserved));
        assert(drawdowns.drawn(child.digest, 1) == (granted ? imported : 0));
    }

    /// @notice A checkpoint that is accepted follows the last and has more entries, and what was anchored stays so.
    /// @dev Roots and proofs are any; sizes are the first few, since a solver does not divide by any size in time.
    function check_aLogOnlyGrows(bool[7] calldata bits, bytes32 firstRoot, bytes32 newRoot, bytes32[3] calldata proof)
        public
    {
        if (firstRoot == 0) return;
        uint64 firstSize = 1;
        uint64 predecessorSize = 1;
        uint64 newSize = 2;
        uint256 length = 1;
        if (bits[0]) firstSize += 1;
        if (bits[1]) firstSize += 2;
        if (bits[2]) predecessorSize += 1;
        if (bits[3]) predecessorSize += 2;
        if (bits[4]) newSize += 1;
        if (bits[5]) newSize += 2;
        if (bits[6]) length += 1;
        _grow(firstSize, firstRoot, predecessorSize, newSize, newRoot, length, proof);
    }

    function _grow(
        uint64 firstSize,
        bytes32 firstRoot,
        uint64 predecessorSize,
        uint64 newSize,
        bytes32 newRoot,
        uint256 length,
        bytes32[3] calldata proof
    ) private {
        ledger.anchor(0, firstSize, firstRoot, none);
        bytes32[] memory path = new bytes32[](1 + length);
        for (uint256 i = 0; i < path.length; ++i) path[i] = proof[i];
        bool accepted;
        try ledger.anchor(predecessorSize, newSize, newRoot, path) {
            accepted = true;
        } catch {}
        (uint64 size,) = ledger.head(VN);
        assert(ledger.anchored(VN, firstRoot, firstSize) == block.timestamp);
        assert(!accepted || (predecessorSize == firstSize && newSize > firstSize));
        assert(size == (accepted ? newSize : firstSize));
    }

    /// @notice No act brings back what was revoked or replaced.
    function check_whatIsFinalStaysSo(
        bytes32 digest,
        bytes32 other,
        bool replaced,
        uint8 verb,
        uint8 reason
    ) public {
        if (replaced) ledger.replace(digest, "successor", reason);
        else ledger.revoke(digest, reason);
        ICertificateLedger.Status memory before = ledger.statusOf(VN, digest);
        bytes[4] memory calls = [
            abi.encodeCall(ledger.revoke, (digest, reason)),
            abi.encodeCall(ledger.suspend, (digest, reason)),
            abi.encodeCall(ledger.resume, (digest, reason)),
            abi.encodeCall(ledger.replace, (digest, other, reason))
        ];
        for (uint256 i = 0; i < 4; ++i) {
            if (verb == i) {
                (bool done,) = address(ledger).call(calls[i]);
                assert(!done);
            }
        }
        // Nor as another's successor.
        try ledger.replace(other, digest, reason) {
            assert(false);
        } catch {}
        ICertificateLedger.Status memory now_ = ledger.statusOf(VN, digest);
        assert(now_.state == before.state && now_.reason == before.reason && now_.successor == before.successor);
    }

    /// @dev A certificate of one leaf, not yet in a log.
    function _certificate(uint128 quantity, uint256 number) private view returns (Certificate memory made) {
        bytes16 salt = bytes16(uint128(number));
        made.allowance = IDrawdownLedger.Allowance(salt, 1, "KGM", quantity, "ID");
        made.digest = MerkleLog.allowanceLeaf(salt, 1, "KGM", quantity, "ID");
        made.entry = MerkleLog.entryLeaf(1, made.digest);
        made.proof.leafCount = 1;
        made.proof.authority = VN;
    }

    function _anchorBoth(Certificate memory one, Certificate memory two) private {
        bytes32 root = sha256(abi.encodePacked(uint8(1), one.entry, two.entry));
        ledger.anchor(0, 2, root, none);
        (one.proof.logRoot, two.proof.logRoot) = (root, root);
        (one.proof.logSize, two.proof.logSize) = (2, 2);
        two.proof.entryIndex = 1;
        one.proof.logPath = new bytes32[](1);
        two.proof.logPath = new bytes32[](1);
        (one.proof.logPath[0], two.proof.logPath[0]) = (two.entry, one.entry);
    }
}

/// @title Customs, which is told whether it was granted
/// @author Tulen
/// @notice For `SymbolicTest`.
contract Customs {
    DrawdownLedger private immutable _drawdowns;

    constructor(DrawdownLedger drawdowns) {
        _drawdowns = drawdowns;
    }

    function draw(
        IDrawdownLedger.Allowance calldata allowance,
        IDrawdownLedger.AllowanceProof calldata proof,
        uint128 quantity,
        bytes32 declaration
    ) external returns (bool) {
        try _drawdowns.draw(allowance, proof, quantity, declaration) {
            return true;
        } catch {
            return false;
        }
    }

    function reserve(
        IDrawdownLedger.Allowance calldata allowance,
        IDrawdownLedger.AllowanceProof calldata proof,
        uint128 quantity,
        bytes32 declaration,
        IDrawdownLedger.Child calldata child
    ) external returns (bool) {
        try _drawdowns.reserve(allowance, proof, quantity, declaration, child) {
            return true;
        } catch {
            return false;
        }
    }

    function unreserve(bytes32 digest, uint16 line, bytes32 declaration, IDrawdownLedger.Child calldata child)
        external
        returns (bool)
    {
        try _drawdowns.unreserve(digest, line, declaration, child) {
            return true;
        } catch {
            return false;
        }
    }

    function anchor(CertificateLedger ledger, uint64 size, bytes32 root) external {
        ledger.anchor(0, size, root, new bytes32[](0));
    }

    function release(bytes32 digest, uint16 line, bytes32 declaration) external returns (bool) {
        try _drawdowns.release(digest, line, declaration) {
            return true;
        } catch {
            return false;
        }
    }
}
