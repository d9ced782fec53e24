// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ANCHOR, IAuthorityRegistry, ISSUING_AUTHORITY, STATUS} from "../../contracts/interfaces/IAuthorityRegistry.sol";
import {House} from "./House.sol";
import {MultiSignature} from "./MultiSignature.sol";
import {NaiveLog} from "./NaiveLog.sol";

/// @title AuthorityRegistry: hand-over, recognition and pause, and what was so before
/// @author Tulen
/// @notice The test is governor and every steward, until it hands over.
contract GovernanceTest is House {
    address private constant SUCCESSOR = address(0x21);
    bytes16 private constant ATIGA = "ATIGA";
    bytes16 private constant RCEP = "RCEP";
    uint64 private start;

    function setUp() public {
        build();
        start = uint64(block.timestamp);
        vm.warp(start + 100);
    }

    function test_theGovernorshipPassesInTwoSteps() public {
        vm.expectEmit(address(registry));
        emit IAuthorityRegistry.GovernorshipOffered(address(this), SUCCESSOR);
        registry.offerGovernorship(SUCCESSOR);
        checkEqual("offer", uint160(registry.governorshipOffer()), uint160(SUCCESSOR));
        checkEqual("not yet", uint160(registry.governor()), uint160(address(this)));
        _expectRefusal(NOBODY, _notOffered(NOBODY));
        registry.acceptGovernorship();
        vm.prank(SUCCESSOR);
        vm.expectEmit(address(registry));
        emit IAuthorityRegistry.GovernorshipAccepted(SUCCESSOR);
        registry.acceptGovernorship();
        checkEqual("governor", uint160(registry.governor()), uint160(SUCCESSOR));
        checkEqual("before", uint160(registry.governorAsOf(start)), uint160(address(this)));
        checkEqual("and now", uint160(registry.governorAsOf(start + 100)), uint160(SUCCESSOR));
        _expectRefusal(SUCCESSOR, _notOffered(SUCCESSOR));
        registry.acceptGovernorship();
        bytes memory refusal =
            abi.encodeWithSelector(IAuthorityRegistry.AuthorityRegistryNotGovernor.selector, address(this));
        vm.expectRevert(refusal);
        registry.appointSteward("VN", address(this));
        vm.expectRevert(refusal);
        registry.offerGovernorship(address(this));
    }

    function test_anOfferIsWithdrawn() public {
        registry.offerGovernorship(SUCCESSOR);
        registry.offerGovernorship(address(0));
        _expectRefusal(SUCCESSOR, _notOffered(SUCCESSOR));
        registry.acceptGovernorship();
        registry.offerStewardship("VN", SUCCESSOR);
        registry.offerStewardship("VN", address(0));
        _expectRefusal(SUCCESSOR, _notOffered(SUCCESSOR));
        registry.acceptStewardship("VN");
    }

    function test_aStewardshipPassesInTwoSteps() public {
        vm.expectEmit(address(registry));
        emit IAuthorityRegistry.StewardshipOffered("VN", address(this), SUCCESSOR);
        registry.offerStewardship("VN", SUCCESSOR);
        checkEqual("offer", uint160(registry.stewardshipOffer("VN")), uint160(SUCCESSOR));
        checkEqual("not yet", uint160(registry.stewardOf("VN")), uint160(address(this)));
        _expectRefusal(SUCCESSOR, _notOffered(SUCCESSOR));
        registry.acceptStewardship("ID");
        vm.prank(SUCCESSOR);
        vm.expectEmit(address(registry));
        emit IAuthorityRegistry.StewardshipAccepted("VN", SUCCESSOR);
        registry.acceptStewardship("VN");
        checkEqual("steward", uint160(registry.stewardOf("VN")), uint160(SUCCESSOR));
        checkEqual("before", uint160(registry.stewardAsOf("VN", start + 99)), uint160(address(this)));
        checkEqual("taken", uint160(registry.stewardshipOffer("VN")), 0);
        vm.expectRevert(_notSteward("VN", address(this)));
        registry.offerStewardship("VN", address(this));
    }

    function test_anAppointmentEndsAnOffer() public {
        registry.offerStewardship("VN", SUCCESSOR);
        registry.appointSteward("VN", NOBODY);
        _expectRefusal(SUCCESSOR, _notOffered(SUCCESSOR));
        registry.acceptStewardship("VN");
    }

    function test_aContractMayGovernAndActForAnAuthority() public {
        address[] memory owners = new address[](3);
        (owners[0], owners[1], owners[2]) = (address(0x31), address(0x32), address(0x33));
        MultiSignature account = new MultiSignature(owners, 2);
        registry.offerGovernorship(address(account));
        registry.offerStewardship("VN", address(account));
        _ask(account, address(registry), abi.encodeCall(registry.acceptGovernorship, ()));
        _ask(account, address(registry), abi.encodeCall(registry.acceptStewardship, ("VN")));
        _ask(
            account,
            address(registry),
            abi.encodeCall(registry.authoriseAccount, (MOIT, address(account), ANCHOR | STATUS))
        );
        bytes32[] memory leaves = NaiveLog.someLeaves("log", 3);
        bytes32 root = NaiveLog.root(leaves, 0, 3);
        _ask(account, address(ledger), abi.encodeCall(ledger.anchor, (0, 3, root, new bytes32[](0))));
        _ask(account, address(ledger), abi.encodeCall(ledger.revoke, ("a certificate", 1)));
        checkEqual("governor", uint160(registry.governor()), uint160(address(account)));
        checkEqual("anchored", ledger.anchored(MOIT, root, 3), block.timestamp);
        checkEqual("revoked", uint8(ledger.statusOf(MOIT, "a certificate").state), 1);
        _expectRefusal(owners[0], _notSteward("VN", owners[0]));
        registry.withdrawAccount(MOIT, address(account));
    }

    function test_anAccountIsRememberedAsItWas() public {
        registry.authoriseAccount(MOIT, MOIT_ACCOUNT, STATUS);
        vm.warp(start + 200);
        registry.withdrawAccount(MOIT, MOIT_ACCOUNT);
        vm.warp(start + 300);
        registry.authoriseAccount(VCCI, MOIT_ACCOUNT, ANCHOR);
        _checkAgent(start - 1, 0, 0, 0);
        _checkAgent(start, MOIT, "VN", ANCHOR | STATUS);
        _checkAgent(start + 199, MOIT, "VN", STATUS);
        _checkAgent(start + 200, 0, 0, 0);
        _checkAgent(start + 300, VCCI, "VN", ANCHOR);
    }

    function test_keysAndMandatesAreRememberedAsTheyWere() public {
        registry.addKey(MOIT, "key", start, 0);
        registry.grantMandate(MOIT, ATIGA, "D", start, start + 1_000);
        vm.warp(start + 200);
        registry.compromiseKey(MOIT, "key", start + 50);
        registry.grantMandate(MOIT, ATIGA, "D", start, start + 150);
        checkEqual("no key yet", registry.keyAsOf(MOIT, "key", start + 99).since, 0);
        checkEqual("a key", registry.keyAsOf(MOIT, "key", start + 199).since, start);
        checkEqual("not compromised yet", registry.keyAsOf(MOIT, "key", start + 199).compromisedSince, 0);
        checkEqual("compromised", registry.keyAsOf(MOIT, "key", start + 200).compromisedSince, start + 50);
        checkEqual("no mandate yet", registry.mandateAsOf(MOIT, ATIGA, "D", start + 99).since, 0);
        checkEqual("a long one", registry.mandateAsOf(MOIT, ATIGA, "D", start + 199).until, start + 1_000);
        checkEqual("a short one", registry.mandateAsOf(MOIT, ATIGA, "D", start + 200).until, start + 150);
    }

    function test_recognitionIsWithdrawnAndRestoredUnderOneAgreement() public {
        check("by default", registry.isRecognised("ID", MOIT, ATIGA));
        vm.expectEmit(address(registry));
        emit IAuthorityRegistry.RecognitionWithdrawn("ID", MOIT, ATIGA);
        registry.withdrawRecognition("ID", MOIT, ATIGA);
        check("not under it", !registry.isRecognised("ID", MOIT, ATIGA));
        check("under another", registry.isRecognised("ID", MOIT, RCEP));
        check("in general", registry.isRecognised("ID", MOIT, 0));
        check("by another country", registry.isRecognised("MY", MOIT, ATIGA));
        check("another authority", registry.isRecognised("ID", VCCI, ATIGA));
        vm.warp(start + 200);
        vm.expectEmit(address(registry));
        emit IAuthorityRegistry.RecognitionRestored("ID", MOIT, ATIGA);
        registry.restoreRecognition("ID", MOIT, ATIGA);
        check("again", registry.isRecognised("ID", MOIT, ATIGA));
        check("before", registry.isRecognisedAsOf("ID", MOIT, ATIGA, start + 99));
        check("meanwhile", !registry.isRecognisedAsOf("ID", MOIT, ATIGA, start + 199));
        check("since", registry.isRecognisedAsOf("ID", MOIT, ATIGA, start + 200));
    }

    function test_recognitionWithdrawnAltogetherIsWithdrawnUnderEveryAgreement() public {
        registry.withdrawRecognition("ID", MOIT, 0);
        check("in general", !registry.isRecognised("ID", MOIT, 0));
        check("under an agreement", !registry.isRecognised("ID", MOIT, ATIGA));
        check("as of now", !registry.isRecognisedAsOf("ID", MOIT, ATIGA, start + 100));
        registry.withdrawRecognition("ID", MOIT, ATIGA);
        registry.restoreRecognition("ID", MOIT, 0);
        check("restored", registry.isRecognised("ID", MOIT, RCEP));
        check("but not under the one", !registry.isRecognised("ID", MOIT, ATIGA));
    }

    function test_onlyTheImportingCountrysStewardSpeaksOfRecognition() public {
        _expectRefusal(NOBODY, _notSteward("ID", NOBODY));
        registry.withdrawRecognition("ID", MOIT, ATIGA);
        _expectRefusal(NOBODY, _notSteward("ID", NOBODY));
        registry.restoreRecognition("ID", MOIT, ATIGA);
        vm.expectRevert(abi.encodeWithSelector(IAuthorityRegistry.AuthorityRegistryUnchanged.selector));
        registry.restoreRecognition("ID", MOIT, ATIGA);
        registry.withdrawRecognition("ID", MOIT, ATIGA);
        vm.expectRevert(abi.encodeWithSelector(IAuthorityRegistry.AuthorityRegistryUnchanged.selector));
        registry.withdrawRecognition("ID", MOIT, ATIGA);
        vm.expectRevert(
            abi.encodeWithSelector(IAuthorityRegistry.AuthorityRegistryPartyUnknown.selector, bytes16("nobody"))
        );
        registry.withdrawRecognition("ID", "nobody", ATIGA);
        vm.expectRevert(abi.encodeWithSelector(IAuthorityRegistry.AuthorityRegistryBadValue.selector));
        registry.withdrawRecognition("ID", JKDM, ATIGA);
    }

    function test_aPauseIsOfOneOrOfAllAndIsRemembered() public {
        vm.expectEmit(address(registry));
        emit IAuthorityRegistry.IssuingPaused(MOIT, address(this));
        registry.pauseIssuing(MOIT);
        _checkPaused(true, false);
        vm.warp(start + 200);
        registry.pauseIssuing(0);
        _checkPaused(true, true);
        vm.warp(start + 300);
        vm.expectEmit(address(registry));
        emit IAuthorityRegistry.IssuingResumed(MOIT, address(this));
        registry.resumeIssuing(MOIT);
        _checkPaused(true, true);
        vm.warp(start + 400);
        registry.resumeIssuing(0);
        _checkPaused(false, false);
        check("before", !registry.isPausedAsOf(MOIT, start + 99));
        check("one", registry.isPausedAsOf(MOIT, start + 100));
        check("not the other", !registry.isPausedAsOf(VCCI, start + 199));
        check("both", registry.isPausedAsOf(VCCI, start + 200));
        check("still", registry.isPausedAsOf(MOIT, start + 399));
        check("over", !registry.isPausedAsOf(MOIT, start + 400));
    }

    function test_onlyWhoMayPausesAndOnlyWhoIssuesIsPaused() public {
        registry.appointSteward("VN", SUCCESSOR);
        vm.expectRevert(_notSteward("VN", address(this)));
        registry.pauseIssuing(MOIT);
        vm.prank(SUCCESSOR);
        registry.pauseIssuing(MOIT);
        vm.expectRevert(_notSteward("VN", address(this)));
        registry.resumeIssuing(MOIT);
        _expectRefusal(
            SUCCESSOR, abi.encodeWithSelector(IAuthorityRegistry.AuthorityRegistryNotGovernor.selector, SUCCESSOR)
        );
        registry.pauseIssuing(0);
        _expectRefusal(SUCCESSOR, abi.encodeWithSelector(IAuthorityRegistry.AuthorityRegistryUnchanged.selector));
        registry.pauseIssuing(MOIT);
        vm.expectRevert(abi.encodeWithSelector(IAuthorityRegistry.AuthorityRegistryUnchanged.selector));
        registry.resumeIssuing(0);
        vm.expectRevert(abi.encodeWithSelector(IAuthorityRegistry.AuthorityRegistryBadValue.selector));
        registry.pauseIssuing(DJBC);
        vm.expectRevert(
            abi.encodeWithSelector(IAuthorityRegistry.AuthorityRegistryPartyUnknown.selector, bytes16("nobody"))
        );
        registry.pauseIssuing("nobody");
    }

    /// @dev Pauses are kept in words of 255 parties: here are three words, the third made during a pause.
    function test_everyAuthorityIsPausedHoweverManyThereAre() public {
        for (uint256 i = 0; i < 510; ++i) {
            if (i == 500) registry.pauseIssuing(0);
            register(bytes16(uint128(1_000 + i)), "VN", ISSUING_AUTHORITY, address(uint160(1_000 + i)));
        }
        for (uint256 i = 0; i < 510; ++i) _checkIssuer(1_000 + i, true);
        registry.resumeIssuing(0);
        for (uint256 i = 0; i < 510; ++i) _checkIssuer(1_000 + i, false);
        for (uint256 i = 249; i < 253; ++i) registry.pauseIssuing(bytes16(uint128(1_000 + i)));
        for (uint256 i = 0; i < 510; ++i) _checkIssuer(1_000 + i, i >= 249 && i < 253);
    }

    function test_whoDoesNotAnchorIsNoIssuerAndWhoDoesNotDrawNoDrawer() public {
        (bytes16 authority, bool paused) = registry.authorityOf(PRIOK);
        checkEqual("no authority", authority, 0);
        registry.authoriseAccount(MOIT, MOIT_ACCOUNT, STATUS);
        registry.pauseIssuing(0);
        (authority, paused) = registry.authorityOf(MOIT_ACCOUNT);
        checkEqual("nor without the role", authority, 0);
        check("nothing said of a pause", !paused);
        (bytes16 customs, bytes2 country, bool recognised) = registry.drawingCustomsOf(MOIT_ACCOUNT, MOIT);
        checkEqual("no customs", customs, 0);
        (customs, country, recognised) = registry.drawingCustomsOf(PRIOK, MOIT);
        checkEqual("customs", customs, DJBC);
        checkEqual("country", country, bytes2("ID"));
        check("recognised", recognised);
        registry.withdrawRecognition("ID", MOIT, ATIGA);
        (,, recognised) = registry.drawingCustomsOf(PRIOK, MOIT);
        check("one agreement is not all", recognised);
        registry.withdrawRecognition("ID", MOIT, 0);
        (,, recognised) = registry.drawingCustomsOf(PRIOK, MOIT);
        check("not recognised", !recognised);
    }

    function _checkIssuer(uint256 number, bool expected) private view {
        (bytes16 authority, bool paused) = registry.authorityOf(address(uint160(number)));
        checkEqual("authority", authority, bytes16(uint128(number)));
        check("paused or not", paused == expected);
    }

    function _checkPaused(bool moit, bool vcci) private view {
        check("MOIT", registry.isPaused(MOIT) == moit);
        check("VCCI", registry.isPaused(VCCI) == vcci);
        (, bool paused) = registry.authorityOf(MOIT_ACCOUNT);
        check("MOIT's account", paused == moit);
        (, paused) = registry.authorityOf(VCCI_ACCOUNT);
        check("VCCI's account", paused == vcci);
    }

    function _checkAgent(uint64 time, bytes16 party, bytes2 country, uint8 roles) private view {
        (bytes16 party_, bytes2 country_, uint8 roles_) = registry.rolesAsOf(MOIT_ACCOUNT, time);
        checkEqual("party", party_, party);
        checkEqual("country", country_, country);
        checkEqual("roles", roles_, roles);
    }

    /// @dev Two owners ask; the first alone moves nothing.
    function _ask(MultiSignature account, address target, bytes memory call) private {
        vm.prank(address(0x31));
        check("one owner is not enough", !account.ask(target, call));
        vm.prank(address(0x33));
        check("two are", account.ask(target, call));
    }

    function _expectRefusal(address account, bytes memory refusal) private {
        vm.prank(account);
        vm.expectRevert(refusal);
    }

    function _notOffered(address account) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IAuthorityRegistry.AuthorityRegistryNotOffered.selector, account);
    }

    function _notSteward(bytes2 country, address account) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IAuthorityRegistry.AuthorityRegistryNotSteward.selector, country, account);
    }
}
