// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISSUING_AUTHORITY} from "../../contracts/interfaces/IAuthorityRegistry.sol";
import {ICertificateLedger} from "../../contracts/interfaces/ICertificateLedger.sol";
import {IDrawdownLedger} from "../../contracts/interfaces/IDrawdownLedger.sol";
import {House} from "./House.sol";
import {NaiveLog} from "./NaiveLog.sol";

/// @title DrawdownLedger over several certificates: replacements, recognition, back-to-back
/// @author Tulen
/// @notice Certificates of one line each, all in MOIT's log from the start; in ID.ISSUER's those to Malaysia.
contract ChainsTest is House {
    bytes16 private constant ISSUER = "party ID.ISSUER";
    address private constant ISSUER_ACCOUNT = address(0xA3);
    bytes32[] private log;
    bytes32[] private digests;
    IDrawdownLedger.Allowance[] private allowances;
    bytes32[] private roots;
    bytes32[][] private paths;

    function setUp() public {
        build();
        register(ISSUER, "ID", ISSUING_AUTHORITY, ISSUER_ACCOUNT);
    }

    function test_whatWasDrawnOnAReplacedCertificateCountsOnItsSuccessor() public {
        _issue(1_000, 1_000);
        _draw(0, 600, "first");
        _replace(0, 1);
        _expectLeft(1, 401, 400);
        _draw(1, 400, "second");
        _expectLeft(1, 1, 0);
        _checkAccount(1, 1_000, 0, false);
        checkEqual("of its own", drawdowns.drawn(digests[1], 1), 400);
        checkEqual("of the other", drawdowns.drawn(digests[0], 1), 600);
    }

    function test_nothingIsDrawnOnAReplacedCertificate() public {
        _issue(1_000, 1_000);
        _replace(0, 1);
        _expectRefusal(
            PRIOK,
            abi.encodeWithSelector(
                IDrawdownLedger.DrawdownLedgerNotGood.selector, digests[0], ICertificateLedger.State.Replaced
            )
        );
        _attempt(0, 1, "first");
    }

    function test_whatIsReleasedOnAReplacedCertificateIsLeftOnItsSuccessor() public {
        _issue(1_000, 1_000);
        _draw(0, 600, "first");
        _replace(0, 1);
        vm.prank(PRIOK);
        drawdowns.release(digests[0], 1, "first");
        _draw(1, 1_000, "second");
    }

    function test_aSuccessorThatCertifiesLessLeavesLessAndPerhapsNothing() public {
        _issue(1_000, 700);
        _draw(0, 600, "first");
        _replace(0, 1);
        _expectLeft(1, 101, 100);
        _issue(500, 500);
        _replace(1, 2);
        _expectLeft(2, 1, 0);
    }

    function test_aSuccessorThatCertifiesMoreLeavesMore() public {
        _issue(1_000, 1_200);
        _draw(0, 1_000, "first");
        _replace(0, 1);
        _draw(1, 200, "second");
        _expectLeft(1, 1, 0);
    }

    function test_aChainOfReplacementsIsCountedToItsBeginning() public {
        for (uint256 i = 0; i < 9; ++i) _issue(1_000);
        for (uint256 i = 0; i < 8; ++i) {
            _draw(i, 100, bytes32(i + 1));
            _replace(i, i + 1);
        }
        _checkAccount(8, 800, 0, false);
        _expectLeft(8, 201, 200);
    }

    function test_whatASuccessorDrewBeforeCountsToo() public {
        _issue(1_000, 1_000);
        _draw(0, 600, "first");
        _draw(1, 300, "second");
        _replace(0, 1);
        _expectLeft(1, 101, 100);
        _issue(1_000);
        _replace(1, 2);
        _expectLeft(2, 101, 100);
    }

    function test_anotherUnitIsNotAddedToThis() public {
        _issue(1_000);
        _issueIn("TNE", 1_000, "ID");
        _draw(0, 600, "first");
        _replace(0, 1);
        _expectRefusal(
            PRIOK,
            abi.encodeWithSelector(
                IDrawdownLedger.DrawdownLedgerUnitDiffers.selector, digests[0], uint16(1), bytes3("KGM")
            )
        );
        _attempt(1, 1, "second");
        // Once nothing is drawn any more, nothing has to be added.
        vm.prank(PRIOK);
        drawdowns.release(digests[0], 1, "first");
        _draw(1, 1_000, "second");
    }

    function test_onlyARecognisedAuthoritysCertificateIsDrawn() public {
        _issue(1_000, 1_000);
        _draw(0, 100, "first");
        registry.withdrawRecognition("ID", MOIT, 0);
        bytes memory refusal =
            abi.encodeWithSelector(IDrawdownLedger.DrawdownLedgerNotRecognised.selector, MOIT, bytes2("ID"));
        _expectRefusal(PRIOK, refusal);
        _attempt(1, 1, "second");
        _draw(0, 100, "first");
        vm.prank(PRIOK);
        drawdowns.release(digests[0], 1, "first");
        registry.restoreRecognition("ID", MOIT, 0);
        _draw(1, 1, "second");
    }

    function test_aLineWithoutAUnitIsNotDrawn() public {
        _issueIn(bytes3(0), 1_000, "ID");
        _expectRefusal(PRIOK, abi.encodeWithSelector(IDrawdownLedger.DrawdownLedgerBadValue.selector));
        _attempt(0, 1, "first");
    }

    function test_anAccountWithoutTheRoleDoesNotDraw() public {
        _issue(1_000);
        registry.registerParty("party ID.BOTH", "ID", 3);
        registry.authoriseAccount("party ID.BOTH", NOBODY, 3);
        _expectRefusal(
            NOBODY, abi.encodeWithSelector(IDrawdownLedger.DrawdownLedgerNotCustoms.selector, NOBODY, bytes2("ID"))
        );
        _attempt(0, 1, "first");
    }

    function test_aChildIsDrawnUpToWhatItsParentsAllow() public {
        _issue(1_000, 1_000);
        _issueChild(1_500);
        IDrawdownLedger.Child memory child = _child(2);
        vm.prank(PRIOK);
        vm.expectEmit(address(drawdowns));
        emit IDrawdownLedger.Drawn(digests[0], 1, "re-export", DJBC, 700);
        vm.expectEmit(address(drawdowns));
        emit IDrawdownLedger.Reserved(digests[2], 1, "re-export", ISSUER, DJBC, 700);
        _reserve(0, 700, "re-export", child);
        checkEqual("drawn on the parent", drawdowns.drawn(digests[0], 1), 700);
        _checkAccount(2, 0, 700, true);
        _expectLeft(2, 701, 700);
        _draw(2, 500, "import");
        vm.prank(PRIOK);
        _reserve(1, 300, "another parent", child);
        _expectLeft(2, 501, 500);
        _draw(2, 500, "second import");
        _expectLeft(2, 1, 0);
    }

    function test_aChildIsDrawnNoFurtherThanItCertifies() public {
        _issue(1_000);
        _issueChild(400);
        vm.prank(PRIOK);
        _reserve(0, 700, "re-export", _child(1));
        _expectLeft(1, 401, 400);
    }

    function test_twoChildrenShareAParent() public {
        _issue(1_000);
        _issueChild(800);
        _issueChild(800);
        vm.prank(PRIOK);
        _reserve(0, 800, "one", _child(1));
        _expectRefusal(
            PRIOK,
            abi.encodeWithSelector(
                IDrawdownLedger.DrawdownLedgerOverdrawn.selector, digests[0], uint16(1), uint128(800), uint128(200)
            )
        );
        _reserve(0, 800, "two", _child(2));
        vm.prank(PRIOK);
        _reserve(0, 200, "two", _child(2));
        _draw(1, 800, "import one");
        _expectLeft(2, 201, 200);
    }

    function test_aReservationIsMadeOnceForADeclaration() public {
        _issue(1_000);
        _issueChild(800);
        _issueChild(800);
        vm.prank(PRIOK);
        _reserve(0, 700, "one", _child(1));
        vm.prank(PERAK);
        _reserve(0, 700, "one", _child(1));
        _checkAccount(1, 0, 700, true);
        bytes memory taken = abi.encodeWithSelector(
            IDrawdownLedger.DrawdownLedgerDeclarationTaken.selector, bytes32("one"), uint128(700)
        );
        _expectRefusal(PRIOK, taken);
        _reserve(0, 700, "one", _child(2));
        _expectRefusal(PRIOK, taken);
        _attempt(0, 700, "one");
        _draw(0, 100, "plain");
        _expectRefusal(
            PRIOK,
            abi.encodeWithSelector(
                IDrawdownLedger.DrawdownLedgerDeclarationTaken.selector, bytes32("plain"), uint128(100)
            )
        );
        _reserve(0, 100, "plain", _child(1));
    }

    function test_aChildIsOfAnAuthorityOfTheReexportingCountryAndNotItsOwnParent() public {
        _issue(1_000, 1_000);
        IDrawdownLedger.Child memory child = IDrawdownLedger.Child(MOIT, digests[1], 1);
        _expectRefusal(PRIOK, _badChild(child));
        _reserve(0, 1, "one", child);
        child = IDrawdownLedger.Child(ISSUER, digests[0], 1);
        _expectRefusal(PRIOK, _badChild(child));
        _reserve(0, 1, "one", child);
        child = IDrawdownLedger.Child("nobody", digests[1], 1);
        _expectRefusal(PRIOK, _badChild(child));
        _reserve(0, 1, "one", child);
    }

    function test_nobodyBoundsAnothersCertificate() public {
        // Indonesia's customs may reserve for a digest of Viet Nam's, under its own authority: it means nothing.
        _issue(1_000, 1_000);
        vm.prank(PRIOK);
        _reserve(0, 1, "one", IDrawdownLedger.Child(ISSUER, digests[1], 1));
        _checkAccount(1, 0, 0, false);
        _draw(1, 1_000, "import");
    }

    function test_aReservationIsInTheParentsUnit() public {
        _issue(1_000);
        _issueIn("TNE", 1_000, "ID");
        _issueIn("TNE", 1_000, "MY");
        IDrawdownLedger.Child memory child = _child(2);
        vm.prank(PRIOK);
        _reserve(0, 100, "one", child);
        bytes memory refusal = abi.encodeWithSelector(
            IDrawdownLedger.DrawdownLedgerUnitDiffers.selector, digests[2], uint16(1), bytes3("KGM")
        );
        _expectRefusal(PRIOK, refusal);
        _reserve(1, 100, "two", child);
        _expectRefusal(KLANG, refusal);
        _attempt(2, 1, "import");
    }

    function test_whatAChildHasNotUsedIsGivenBack() public {
        _issue(1_000);
        _issueChild(1_000);
        vm.prank(PRIOK);
        _reserve(0, 700, "one", _child(1));
        vm.prank(PRIOK);
        _reserve(0, 300, "two", _child(1));
        _draw(1, 301, "import");
        _expectRefusal(PRIOK, _used(1));
        drawdowns.unreserve(digests[0], 1, "one", _child(1));
        vm.prank(PERAK);
        vm.expectEmit(address(drawdowns));
        emit IDrawdownLedger.Released(digests[0], 1, "two", DJBC, 300);
        vm.expectEmit(address(drawdowns));
        emit IDrawdownLedger.Unreserved(digests[1], 1, "two", ISSUER, DJBC, 300);
        drawdowns.unreserve(digests[0], 1, "two", _child(1));
        checkEqual("drawn on the parent", drawdowns.drawn(digests[0], 1), 700);
        _expectLeft(1, 400, 399);
        vm.prank(KLANG);
        drawdowns.release(digests[1], 1, "import");
        vm.prank(PRIOK);
        drawdowns.unreserve(digests[0], 1, "one", _child(1));
        _expectLeft(1, 1, 0);
    }

    function test_aReservationIsGivenBackAsWhatItIsByWhomItIs() public {
        _issue(1_000);
        _issueChild(1_000);
        _issueChild(1_000);
        vm.prank(PRIOK);
        _reserve(0, 700, "one", _child(1));
        _draw(0, 100, "plain");
        _expectUnknown(PRIOK, "one");
        drawdowns.release(digests[0], 1, "one");
        _expectUnknown(PRIOK, "one");
        drawdowns.unreserve(digests[0], 1, "one", _child(2));
        _expectUnknown(PRIOK, "one");
        drawdowns.unreserve(digests[0], 2, "one", _child(1));
        _expectUnknown(KLANG, "one");
        drawdowns.unreserve(digests[0], 1, "one", _child(1));
        _expectUnknown(PRIOK, "plain");
        drawdowns.unreserve(digests[0], 1, "plain", _child(1));
        vm.prank(PRIOK);
        drawdowns.unreserve(digests[0], 1, "one", _child(1));
        _expectUnknown(PRIOK, "one");
        drawdowns.unreserve(digests[0], 1, "one", _child(1));
    }

    function test_aReservationPassesToTheSuccessorOfTheChild() public {
        _issue(1_000);
        _issueChild(1_000);
        _issueChild(1_000);
        vm.prank(PRIOK);
        _reserve(0, 700, "one", _child(1));
        _draw(1, 200, "import");
        vm.prank(ISSUER_ACCOUNT);
        ledger.replace(digests[1], digests[2], 5);
        _checkAccount(2, 200, 700, true);
        _expectLeft(2, 501, 500);
        _expectRefusal(PRIOK, _used(1));
        drawdowns.unreserve(digests[0], 1, "one", _child(1));
        _draw(2, 500, "second import");
    }

    function _issue(uint128 first) private {
        _issueIn("KGM", first, "ID");
    }

    function _issue(uint128 first, uint128 second) private {
        _issue(first);
        _issue(second);
    }

    function _issueChild(uint128 quantity) private {
        _issueIn("KGM", quantity, "MY");
    }

    /// @dev A certificate of one leaf, logged by both authorities.
    function _issueIn(bytes3 unit, uint128 quantity, bytes2 to) private {
        bytes16 salt = bytes16(sha256(abi.encode(digests.length)));
        IDrawdownLedger.Allowance memory allowance = IDrawdownLedger.Allowance(salt, 1, unit, quantity, to);
        bytes32 digest = leafOf(allowance);
        allowances.push(allowance);
        digests.push(digest);
        log.push(hashes.entryLeaf(1, digest));
        uint64 size = uint64(log.length);
        roots.push(anchor(MOIT_ACCOUNT, log, size - 1, size));
        anchor(ISSUER_ACCOUNT, log, size - 1, size);
        // Kept, as the cheat codes take the hashing of a path for the call that they wait for.
        paths.push(NaiveLog.path(log, size - 1, 0, size));
    }

    function _child(uint256 index) private view returns (IDrawdownLedger.Child memory) {
        return IDrawdownLedger.Child(ISSUER, digests[index], 1);
    }

    function _proof(uint256 index) private view returns (IDrawdownLedger.AllowanceProof memory) {
        return IDrawdownLedger.AllowanceProof({
            leafIndex: 0,
            leafCount: 1,
            certificatePath: new bytes32[](0),
            authority: allowances[index].importingCountry == "MY" ? ISSUER : MOIT,
            entryIndex: uint64(index),
            logSize: uint64(index + 1),
            logRoot: roots[index],
            logPath: paths[index]
        });
    }

    function _replace(uint256 index, uint256 successor) private {
        vm.prank(MOIT_ACCOUNT);
        ledger.replace(digests[index], digests[successor], 5);
    }

    function _draw(uint256 index, uint128 quantity, bytes32 declaration) private {
        vm.prank(_customs(index));
        _attempt(index, quantity, declaration);
    }

    function _attempt(uint256 index, uint128 quantity, bytes32 declaration) private {
        drawdowns.draw(allowances[index], _proof(index), quantity, declaration);
    }

    function _reserve(uint256 index, uint128 quantity, bytes32 declaration, IDrawdownLedger.Child memory child)
        private
    {
        drawdowns.reserve(allowances[index], _proof(index), quantity, declaration, child);
    }

    function _expectLeft(uint256 index, uint128 requested, uint128 available) private {
        _expectRefusal(
            _customs(index),
            abi.encodeWithSelector(
                IDrawdownLedger.DrawdownLedgerOverdrawn.selector, digests[index], uint16(1), requested, available
            )
        );
        _attempt(index, requested, "too much");
    }

    function _customs(uint256 index) private view returns (address) {
        return allowances[index].importingCountry == "MY" ? KLANG : PRIOK;
    }

    function _checkAccount(uint256 index, uint256 drawn, uint256 reserved, bool bounded) private view {
        bytes16 authority = allowances[index].importingCountry == "MY" ? ISSUER : MOIT;
        IDrawdownLedger.Account memory account = drawdowns.accountOf(authority, digests[index], 1);
        checkEqual("drawn", account.drawn, drawn);
        checkEqual("reserved", account.reserved, reserved);
        check("bounded or not", account.bounded == bounded);
    }

    function _badChild(IDrawdownLedger.Child memory child) private pure returns (bytes memory) {
        return abi.encodeWithSelector(
            IDrawdownLedger.DrawdownLedgerBadChild.selector, child.authority, child.digest
        );
    }

    function _used(uint256 index) private view returns (bytes memory) {
        return abi.encodeWithSelector(
            IDrawdownLedger.DrawdownLedgerReservationUsed.selector, digests[index], uint16(1)
        );
    }

    function _expectUnknown(address account, bytes32 declaration) private {
        _expectRefusal(
            account,
            abi.encodeWithSelector(IDrawdownLedger.DrawdownLedgerDeclarationUnknown.selector, declaration)
        );
    }

    function _expectRefusal(address account, bytes memory refusal) private {
        vm.prank(account);
        vm.expectRevert(refusal);
    }
}
