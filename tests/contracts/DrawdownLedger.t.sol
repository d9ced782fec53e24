// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CUSTOMS, ISSUING_AUTHORITY} from "../../contracts/interfaces/IAuthorityRegistry.sol";
import {ICertificateLedger} from "../../contracts/interfaces/ICertificateLedger.sol";
import {IDrawdownLedger} from "../../contracts/interfaces/IDrawdownLedger.sol";
import {House} from "./House.sol";
import {NaiveLog} from "./NaiveLog.sol";

/// @title DrawdownLedger: nothing is drawn twice, nothing beyond what is certified
/// @author Tulen
/// @notice One certificate with two lines, 1,000 KGM and 5 KGM to Indonesia, third in a log of six entries.
contract DrawdownLedgerTest is House {
    uint128 private constant KILOGRAM = 1_000_000;
    bytes32 private constant FIRST = "a declaration";
    bytes32 private constant SECOND = "another declaration";
    IDrawdownLedger.Allowance[] private allowances;
    bytes32[] private leaves;
    bytes32[] private log;
    bytes32 private digest;
    bytes32 private root;
    bytes16 private authority = MOIT;

    function setUp() public {
        build();
        allowances.push(allowanceOf(1, 1_000 * KILOGRAM));
        allowances.push(allowanceOf(2, 5 * KILOGRAM));
        leaves = certificate(allowances);
        digest = NaiveLog.root(leaves, 0, leaves.length);
        log = NaiveLog.someLeaves("log", 6);
        log[2] = hashes.entryLeaf(1, digest);
        root = anchor(MOIT_ACCOUNT, log, 0, 6);
    }

    function test_theLedgerNamesTheCertificateLedger() public view {
        checkEqual("ledger", uint160(address(drawdowns.ledger())), uint160(address(ledger)));
    }

    function test_twoPortsDrawWhatIsCertifiedAndNoMore() public {
        (IDrawdownLedger.Allowance memory allowance, IDrawdownLedger.AllowanceProof memory proof) = _line(0);
        vm.prank(PRIOK);
        vm.expectEmit(address(drawdowns));
        emit IDrawdownLedger.Drawn(digest, 1, FIRST, DJBC, 600 * KILOGRAM);
        drawdowns.draw(allowance, proof, 600 * KILOGRAM, FIRST);
        _draw(PERAK, 0, 400 * KILOGRAM, SECOND);
        checkEqual("drawn", drawdowns.drawn(digest, 1), 1_000 * KILOGRAM);
        checkEqual("drawn for", drawdowns.drawnFor(DJBC, SECOND), 400 * KILOGRAM);
        checkEqual("of the other line", drawdowns.drawn(digest, 2), 0);
        _expectRefusal(
            PRIOK,
            abi.encodeWithSelector(
                IDrawdownLedger.DrawdownLedgerOverdrawn.selector, digest, uint16(1), KILOGRAM, uint128(0)
            )
        );
        drawdowns.draw(allowance, proof, KILOGRAM, "a third");
    }

    function test_aRefusalSaysWhatIsLeft() public {
        (IDrawdownLedger.Allowance memory allowance, IDrawdownLedger.AllowanceProof memory proof) = _line(0);
        _draw(PRIOK, 0, 600 * KILOGRAM, FIRST);
        _expectRefusal(
            PERAK,
            abi.encodeWithSelector(
                IDrawdownLedger.DrawdownLedgerOverdrawn.selector,
                digest,
                uint16(1),
                400 * KILOGRAM + 1,
                400 * KILOGRAM
            )
        );
        drawdowns.draw(allowance, proof, 400 * KILOGRAM + 1, SECOND);
    }

    function test_theLargestQuantityDoesNotWrap() public {
        (IDrawdownLedger.Allowance memory allowance, IDrawdownLedger.AllowanceProof memory proof) = _line(0);
        _draw(PRIOK, 0, 1, FIRST);
        _expectRefusal(
            PRIOK,
            abi.encodeWithSelector(
                IDrawdownLedger.DrawdownLedgerOverdrawn.selector,
                digest,
                uint16(1),
                type(uint128).max,
                1_000 * KILOGRAM - 1
            )
        );
        drawdowns.draw(allowance, proof, type(uint128).max, SECOND);
    }

    function test_aRetryChangesNothing() public {
        _draw(PRIOK, 0, 600 * KILOGRAM, FIRST);
        _draw(PERAK, 0, 600 * KILOGRAM, FIRST);
        checkEqual("drawn", drawdowns.drawn(digest, 1), 600 * KILOGRAM);
    }

    function test_aRetryAfterRevocationSucceeds() public {
        _draw(PRIOK, 0, 600 * KILOGRAM, FIRST);
        vm.prank(MOIT_ACCOUNT);
        ledger.revoke(digest, 1);
        _draw(PRIOK, 0, 600 * KILOGRAM, FIRST);
        checkEqual("drawn", drawdowns.drawn(digest, 1), 600 * KILOGRAM);
    }

    function test_aDeclarationWithOtherContentIsRefused() public {
        (IDrawdownLedger.Allowance memory allowance, IDrawdownLedger.AllowanceProof memory proof) = _line(0);
        bytes memory refusal =
            abi.encodeWithSelector(IDrawdownLedger.DrawdownLedgerDeclarationTaken.selector, FIRST, KILOGRAM);
        _draw(PRIOK, 0, KILOGRAM, FIRST);
        _expectRefusal(PRIOK, refusal);
        drawdowns.draw(allowance, proof, KILOGRAM + 1, FIRST);
        (allowance, proof) = _line(1);
        _expectRefusal(PERAK, refusal);
        drawdowns.draw(allowance, proof, KILOGRAM, FIRST);
    }

    function test_anotherCustomsHasDeclarationsOfItsOwn() public {
        _draw(PRIOK, 0, KILOGRAM, FIRST);
        register("party ID.OTHER", "ID", CUSTOMS, NOBODY);
        _draw(NOBODY, 0, 2 * KILOGRAM, FIRST);
        checkEqual("drawn", drawdowns.drawn(digest, 1), 3 * KILOGRAM);
        checkEqual("for the first", drawdowns.drawnFor(DJBC, FIRST), KILOGRAM);
    }

    function test_onlyCustomsOfTheImportingCountryDraws() public {
        (IDrawdownLedger.Allowance memory allowance, IDrawdownLedger.AllowanceProof memory proof) = _line(0);
        address[3] memory strangers = [NOBODY, MOIT_ACCOUNT, KLANG];
        for (uint256 i = 0; i < strangers.length; ++i) {
            _expectRefusal(
                strangers[i],
                abi.encodeWithSelector(
                    IDrawdownLedger.DrawdownLedgerNotCustoms.selector, strangers[i], bytes2("ID")
                )
            );
            drawdowns.draw(allowance, proof, KILOGRAM, FIRST);
        }
        // An issuing authority of the importing country is not customs either.
        register("party ID.ISSUER", "ID", ISSUING_AUTHORITY, NOBODY);
        _expectRefusal(
            NOBODY,
            abi.encodeWithSelector(IDrawdownLedger.DrawdownLedgerNotCustoms.selector, NOBODY, bytes2("ID"))
        );
        drawdowns.draw(allowance, proof, KILOGRAM, FIRST);
    }

    function test_aRootThatWasNeverAnchoredIsRefused() public {
        (IDrawdownLedger.Allowance memory allowance, IDrawdownLedger.AllowanceProof memory proof) = _line(0);
        proof.logRoot = "another root";
        _expectRefusal(
            PRIOK,
            abi.encodeWithSelector(IDrawdownLedger.DrawdownLedgerRootUnknown.selector, bytes32("another root"))
        );
        drawdowns.draw(allowance, proof, KILOGRAM, FIRST);
    }

    function test_anOlderRootServesAsWell() public {
        for (uint256 i = 0; i < 3; ++i) log.push(sha256(abi.encode("more", i)));
        anchor(MOIT_ACCOUNT, log, 6, 9);
        _draw(PRIOK, 0, KILOGRAM, FIRST);
        checkEqual("drawn", drawdowns.drawn(digest, 1), KILOGRAM);
    }

    function test_everythingThatTheLeafCommitsToIsProven() public {
        (IDrawdownLedger.Allowance memory allowance, IDrawdownLedger.AllowanceProof memory proof) = _line(0);
        allowance.quantity += 1;
        _expectUnproven(allowance, proof);
        (allowance,) = _line(0);
        allowance.line = 2;
        _expectUnproven(allowance, proof);
        (allowance,) = _line(0);
        allowance.unit = "TNE";
        _expectUnproven(allowance, proof);
        (allowance,) = _line(0);
        allowance.salt ^= bytes16(uint128(1));
        _expectUnproven(allowance, proof);
    }

    function test_aProofWithOneThingChangedIsRefused() public {
        (IDrawdownLedger.Allowance memory allowance, IDrawdownLedger.AllowanceProof memory proof) = _line(0);
        proof.certificatePath[0] ^= bytes32(uint256(1));
        _expectUnproven(allowance, proof);
        (, proof) = _line(0);
        proof.leafIndex += 1;
        _expectUnproven(allowance, proof);
        (, proof) = _line(0);
        proof.entryIndex += 1;
        _expectUnproven(allowance, proof);
        (, proof) = _line(0);
        proof.logPath[1] ^= bytes32(uint256(1));
        _expectUnproven(allowance, proof);
        (, proof) = _line(0);
        proof.logPath = NaiveLog.shortened(proof.logPath);
        _expectUnproven(allowance, proof);
        (, proof) = _line(0);
        proof.certificatePath = NaiveLog.appended(proof.certificatePath, digest);
        _expectUnproven(allowance, proof);
    }

    function test_anEntryOfAnotherKindIsNoCertificate() public {
        log[2] = hashes.entryLeaf(2, digest);
        root = anchor(VCCI_ACCOUNT, log, 0, 6);
        authority = VCCI;
        (IDrawdownLedger.Allowance memory allowance, IDrawdownLedger.AllowanceProof memory proof) = _line(0);
        _expectUnproven(allowance, proof);
    }

    function test_aCertificateThatIsNotGoodIsNotDrawn() public {
        (IDrawdownLedger.Allowance memory allowance, IDrawdownLedger.AllowanceProof memory proof) = _line(0);
        vm.prank(MOIT_ACCOUNT);
        ledger.suspend(digest, 7);
        _expectNotGood(ICertificateLedger.State.Suspended);
        drawdowns.draw(allowance, proof, KILOGRAM, FIRST);
        vm.prank(MOIT_ACCOUNT);
        ledger.resume(digest, 8);
        _draw(PRIOK, 0, KILOGRAM, FIRST);
        vm.prank(MOIT_ACCOUNT);
        ledger.replace(digest, "its successor", 5);
        _expectNotGood(ICertificateLedger.State.Replaced);
        drawdowns.draw(allowance, proof, KILOGRAM, SECOND);
    }

    function test_anotherAuthoritysStatusDoesNotCount() public {
        vm.prank(VCCI_ACCOUNT);
        ledger.revoke(digest, 1);
        _draw(PRIOK, 0, KILOGRAM, FIRST);
        checkEqual("drawn", drawdowns.drawn(digest, 1), KILOGRAM);
    }

    function test_aSecondCertificateLineIsDrawnByItself() public {
        _draw(PRIOK, 0, 1_000 * KILOGRAM, FIRST);
        _draw(PRIOK, 1, 5 * KILOGRAM, SECOND);
        checkEqual("first", drawdowns.drawn(digest, 1), 1_000 * KILOGRAM);
        checkEqual("second", drawdowns.drawn(digest, 2), 5 * KILOGRAM);
    }

    function test_aCertificateThatStatesALineTwiceIsDrawnOnce() public {
        allowances[1].line = 1;
        leaves = certificate(allowances);
        digest = NaiveLog.root(leaves, 0, leaves.length);
        log[2] = hashes.entryLeaf(1, digest);
        root = anchor(VCCI_ACCOUNT, log, 0, 6);
        authority = VCCI;
        _draw(PRIOK, 0, 600 * KILOGRAM, FIRST);
        (IDrawdownLedger.Allowance memory allowance, IDrawdownLedger.AllowanceProof memory proof) = _line(1);
        _expectRefusal(
            PRIOK,
            abi.encodeWithSelector(
                IDrawdownLedger.DrawdownLedgerOverdrawn.selector, digest, uint16(1), KILOGRAM, uint128(0)
            )
        );
        drawdowns.draw(allowance, proof, KILOGRAM, SECOND);
    }

    function test_quantityAndDeclarationAreNotZero() public {
        (IDrawdownLedger.Allowance memory allowance, IDrawdownLedger.AllowanceProof memory proof) = _line(0);
        bytes memory refusal = abi.encodeWithSelector(IDrawdownLedger.DrawdownLedgerBadValue.selector);
        _expectRefusal(PRIOK, refusal);
        drawdowns.draw(allowance, proof, 0, FIRST);
        _expectRefusal(PRIOK, refusal);
        drawdowns.draw(allowance, proof, KILOGRAM, 0);
    }

    function test_aReleaseGivesBackOnce() public {
        _draw(PRIOK, 0, 600 * KILOGRAM, FIRST);
        _draw(PRIOK, 0, 400 * KILOGRAM, SECOND);
        vm.prank(PERAK);
        vm.expectEmit(address(drawdowns));
        emit IDrawdownLedger.Released(digest, 1, FIRST, DJBC, 600 * KILOGRAM);
        drawdowns.release(digest, 1, FIRST);
        checkEqual("drawn", drawdowns.drawn(digest, 1), 400 * KILOGRAM);
        checkEqual("drawn for", drawdowns.drawnFor(DJBC, FIRST), 0);
        _expectUnknown(PRIOK, FIRST);
        drawdowns.release(digest, 1, FIRST);
        _draw(PRIOK, 0, 600 * KILOGRAM, "a third");
    }

    function test_aReleasedDeclarationIsSpent() public {
        (IDrawdownLedger.Allowance memory allowance, IDrawdownLedger.AllowanceProof memory proof) = _line(0);
        _draw(PRIOK, 0, KILOGRAM, FIRST);
        vm.prank(PRIOK);
        drawdowns.release(digest, 1, FIRST);
        _expectRefusal(
            PRIOK,
            abi.encodeWithSelector(IDrawdownLedger.DrawdownLedgerDeclarationTaken.selector, FIRST, uint128(0))
        );
        drawdowns.draw(allowance, proof, KILOGRAM, FIRST);
    }

    function test_onlyWhatWasDrawnByTheSameCustomsIsReleased() public {
        _draw(PRIOK, 0, KILOGRAM, FIRST);
        _draw(PRIOK, 1, KILOGRAM, SECOND);
        _expectUnknown(KLANG, FIRST);
        drawdowns.release(digest, 1, FIRST);
        _expectUnknown(NOBODY, FIRST);
        drawdowns.release(digest, 1, FIRST);
        _expectUnknown(PRIOK, FIRST);
        drawdowns.release(digest, 2, FIRST);
        _expectUnknown(PRIOK, FIRST);
        drawdowns.release("another certificate", 1, FIRST);
        _expectUnknown(PRIOK, "a third");
        drawdowns.release(digest, 1, "a third");
    }

    function _line(uint256 index)
        private
        view
        returns (IDrawdownLedger.Allowance memory allowance, IDrawdownLedger.AllowanceProof memory proof)
    {
        allowance = allowances[index];
        proof = IDrawdownLedger.AllowanceProof({
            leafIndex: uint64(5 + index),
            leafCount: uint64(leaves.length),
            certificatePath: NaiveLog.path(leaves, 5 + index, 0, leaves.length),
            authority: authority,
            entryIndex: 2,
            logSize: 6,
            logRoot: root,
            logPath: NaiveLog.path(log, 2, 0, 6)
        });
    }

    function _draw(address account, uint256 index, uint128 quantity, bytes32 declaration) private {
        (IDrawdownLedger.Allowance memory allowance, IDrawdownLedger.AllowanceProof memory proof) = _line(index);
        vm.prank(account);
        drawdowns.draw(allowance, proof, quantity, declaration);
    }

    function _expectRefusal(address account, bytes memory refusal) private {
        vm.prank(account);
        vm.expectRevert(refusal);
    }

    function _expectUnknown(address account, bytes32 declaration) private {
        _expectRefusal(
            account,
            abi.encodeWithSelector(IDrawdownLedger.DrawdownLedgerDeclarationUnknown.selector, declaration)
        );
    }

    function _expectNotGood(ICertificateLedger.State state) private {
        _expectRefusal(PRIOK, abi.encodeWithSelector(IDrawdownLedger.DrawdownLedgerNotGood.selector, digest, state));
    }

    /// @dev Whatever digest the proof leads to, it does not stand in the log.
    function _expectUnproven(
        IDrawdownLedger.Allowance memory allowance,
        IDrawdownLedger.AllowanceProof memory proof
    ) private {
        vm.prank(PRIOK);
        try drawdowns.draw(allowance, proof, KILOGRAM, FIRST) {
            check("refused", false);
        } catch (bytes memory answer) {
            checkEqual("refusal", bytes4(answer), IDrawdownLedger.DrawdownLedgerProofInvalid.selector);
        }
    }
}
