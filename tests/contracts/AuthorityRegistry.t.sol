// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AuthorityRegistry} from "../../contracts/AuthorityRegistry.sol";
import {ANCHOR, CUSTOMS, DRAW, IAuthorityRegistry, ISSUING_AUTHORITY, STATUS} from "../../contracts/interfaces/IAuthorityRegistry.sol";
import {Checks} from "./Checks.sol";

/// @title AuthorityRegistry: who may change what, and what cannot be changed back
/// @author Tulen
/// @notice One steward of Viet Nam, one of Indonesia.
contract AuthorityRegistryTest is Checks {
    address private constant VN = address(0x11);
    address private constant ID = address(0x12);
    address private constant ACCOUNT = address(0xA1);
    bytes16 private constant PARTY = "party VN.MOIT";
    bytes16 private constant OTHER = "party VN.VCCI";
    bytes32 private constant KEY = "an Ed25519 key";
    bytes16 private constant AGREEMENT = "ATIGA";
    bytes8 private constant FORM = "D";
    uint64 private constant NOW = 1_800_000_000;

    AuthorityRegistry private registry;

    function setUp() public {
        vm.warp(NOW);
        registry = new AuthorityRegistry(address(this));
        registry.appointSteward("VN", VN);
        registry.appointSteward("ID", ID);
        vm.prank(VN);
        registry.registerParty(PARTY, "VN", 1);
    }

    function test_aRegistryNeedsAGovernor() public {
        _expectBadValue();
        new AuthorityRegistry(address(0));
        checkEqual("governor", uint160(registry.governor()), uint160(address(this)));
    }

    function test_theGovernorAppointsAndReplacesStewards() public {
        vm.expectEmit(address(registry));
        emit IAuthorityRegistry.StewardAppointed("VN", ID);
        registry.appointSteward("VN", ID);
        checkEqual("steward", uint160(registry.stewardOf("VN")), uint160(ID));
        vm.prank(VN);
        vm.expectRevert(_notSteward(VN));
        registry.registerParty(OTHER, "VN", 1);
    }

    function test_nobodyElseAppointsStewards() public {
        vm.prank(VN);
        vm.expectRevert(abi.encodeWithSelector(IAuthorityRegistry.AuthorityRegistryNotGovernor.selector, VN));
        registry.appointSteward("VN", VN);
    }

    function test_aStewardIsSomebodyOfACountry() public {
        _expectBadValue();
        registry.appointSteward("VN", address(0));
        _expectBadValue();
        registry.appointSteward("vn", VN);
        _expectBadValue();
        registry.appointSteward("V", VN);
    }

    function test_aPartyIsRegisteredOnceByItsCountrysSteward() public {
        vm.prank(ID);
        vm.expectRevert(_notSteward(ID));
        registry.registerParty(OTHER, "VN", 1);

        vm.prank(VN);
        vm.expectEmit(address(registry));
        emit IAuthorityRegistry.PartyRegistered(OTHER, "VN", 3);
        registry.registerParty(OTHER, "VN", 3);
        IAuthorityRegistry.Party memory party = registry.partyOf(OTHER);
        checkEqual("country", party.country, bytes2("VN"));
        checkEqual("roles", party.roles, ISSUING_AUTHORITY | CUSTOMS);
        checkEqual("registered", party.registeredAt, NOW);

        vm.prank(ID);
        vm.expectRevert(abi.encodeWithSelector(IAuthorityRegistry.AuthorityRegistryPartyExists.selector, OTHER));
        registry.registerParty(OTHER, "ID", 1);
    }

    function test_aPartyHasAnIdentifierAndKnownRoles() public {
        vm.prank(VN);
        _expectBadValue();
        registry.registerParty(0, "VN", 1);
        vm.prank(VN);
        _expectBadValue();
        registry.registerParty(OTHER, "VN", 0);
        vm.prank(VN);
        _expectBadValue();
        registry.registerParty(OTHER, "VN", 4);
    }

    function test_anAccountActsForOnePartyUntilWithdrawn() public {
        vm.prank(VN);
        vm.expectEmit(address(registry));
        emit IAuthorityRegistry.AccountAuthorised(PARTY, ACCOUNT, 3);
        registry.authoriseAccount(PARTY, ACCOUNT, 3);
        (bytes16 party, bytes2 country, uint8 roles) = registry.rolesOf(ACCOUNT);
        checkEqual("party", party, PARTY);
        checkEqual("country", country, bytes2("VN"));
        checkEqual("roles", roles, 3);

        vm.prank(VN);
        vm.expectRevert(
            abi.encodeWithSelector(IAuthorityRegistry.AuthorityRegistryAccountTaken.selector, ACCOUNT, PARTY)
        );
        registry.authoriseAccount(PARTY, ACCOUNT, 3);

        vm.prank(VN);
        registry.registerParty(OTHER, "VN", 1);
        vm.prank(VN);
        vm.expectRevert(
            abi.encodeWithSelector(IAuthorityRegistry.AuthorityRegistryAccountUnknown.selector, ACCOUNT, OTHER)
        );
        registry.withdrawAccount(OTHER, ACCOUNT);

        vm.prank(VN);
        vm.expectEmit(address(registry));
        emit IAuthorityRegistry.AccountWithdrawn(PARTY, ACCOUNT);
        registry.withdrawAccount(PARTY, ACCOUNT);
        (party,, roles) = registry.rolesOf(ACCOUNT);
        checkEqual("party", party, 0);
        checkEqual("roles", roles, 0);
        vm.prank(VN);
        registry.authoriseAccount(OTHER, ACCOUNT, 2);
    }

    function test_anAccountIsSomebodyWithRolesOfItsPartysKind() public {
        vm.prank(VN);
        _expectBadValue();
        registry.authoriseAccount(PARTY, address(0), 1);
        vm.prank(ID);
        registry.registerParty("party ID.DJBC", "ID", 2);
        uint8[4] memory issuing = [0, DRAW, ANCHOR | DRAW, 8];
        for (uint256 i = 0; i < issuing.length; ++i) {
            vm.prank(VN);
            _expectBadValue();
            registry.authoriseAccount(PARTY, ACCOUNT, issuing[i]);
        }
        uint8[4] memory customs = [0, ANCHOR, STATUS, 8];
        for (uint256 i = 0; i < customs.length; ++i) {
            vm.prank(ID);
            _expectBadValue();
            registry.authoriseAccount("party ID.DJBC", ACCOUNT, customs[i]);
        }
        vm.prank(VN);
        registry.registerParty(OTHER, "VN", 3);
        vm.prank(VN);
        registry.authoriseAccount(OTHER, ACCOUNT, 7);
    }

    function test_anAccountsRolesAreChangedByItsOwnPartysSteward() public {
        vm.prank(VN);
        registry.authoriseAccount(PARTY, ACCOUNT, 3);
        vm.prank(VN);
        vm.expectEmit(address(registry));
        emit IAuthorityRegistry.AccountAuthorised(PARTY, ACCOUNT, 1);
        registry.authoriseAccount(PARTY, ACCOUNT, 1);
        (,, uint8 roles) = registry.rolesOf(ACCOUNT);
        checkEqual("roles", roles, 1);
        vm.prank(VN);
        registry.registerParty(OTHER, "VN", 1);
        vm.prank(VN);
        vm.expectRevert(
            abi.encodeWithSelector(IAuthorityRegistry.AuthorityRegistryAccountTaken.selector, ACCOUNT, PARTY)
        );
        registry.authoriseAccount(OTHER, ACCOUNT, 2);
    }

    function test_aKeyIsRegisteredOnceForAParty() public {
        vm.prank(VN);
        vm.expectEmit(address(registry));
        emit IAuthorityRegistry.KeyAdded(PARTY, KEY, NOW, 0);
        registry.addKey(PARTY, KEY, NOW, 0);
        checkEqual("since", registry.keyOf(PARTY, KEY).since, NOW);
        checkEqual("of another party", registry.keyOf(OTHER, KEY).since, 0);
        vm.prank(VN);
        vm.expectRevert(abi.encodeWithSelector(IAuthorityRegistry.AuthorityRegistryKeyTaken.selector, KEY, PARTY));
        registry.addKey(PARTY, KEY, NOW, 0);
        vm.prank(VN);
        vm.expectRevert(abi.encodeWithSelector(IAuthorityRegistry.AuthorityRegistryKeyUnknown.selector, bytes32("x"), PARTY));
        registry.endKey(PARTY, "x", NOW + 1);
        vm.prank(VN);
        vm.expectRevert(abi.encodeWithSelector(IAuthorityRegistry.AuthorityRegistryKeyUnknown.selector, bytes32("x"), PARTY));
        registry.compromiseKey(PARTY, "x", NOW);
    }

    function test_whoRegistersAnothersKeyTakesNothingAway() public {
        vm.prank(ID);
        registry.registerParty("party ID.OTHER", "ID", 1);
        vm.prank(ID);
        registry.addKey("party ID.OTHER", KEY, NOW - 10, 0);
        vm.prank(ID);
        registry.compromiseKey("party ID.OTHER", KEY, NOW - 10);
        vm.prank(VN);
        registry.addKey(PARTY, KEY, NOW, 0);
        checkEqual("since", registry.keyOf(PARTY, KEY).since, NOW);
        checkEqual("never compromised", registry.keyOf(PARTY, KEY).compromisedSince, 0);
    }

    function test_aKeyIsNotZeroAndItsPeriodEndsAfterItBegins() public {
        vm.prank(VN);
        _expectBadValue();
        registry.addKey(PARTY, 0, NOW, 0);
        _expectBadPeriod(0, 0);
        registry.addKey(PARTY, KEY, 0, 0);
        _expectBadPeriod(NOW, NOW);
        registry.addKey(PARTY, KEY, NOW, NOW);
    }

    function test_aKeysLifeIsShortenedNeverProlonged() public {
        vm.prank(VN);
        registry.addKey(PARTY, KEY, NOW, 0);
        _expectBadPeriod(NOW, NOW);
        registry.endKey(PARTY, KEY, NOW);
        _expectBadPeriod(NOW, 0);
        registry.endKey(PARTY, KEY, 0);
        vm.prank(VN);
        vm.expectEmit(address(registry));
        emit IAuthorityRegistry.KeyEnded(PARTY, KEY, NOW + 10);
        registry.endKey(PARTY, KEY, NOW + 10);
        _expectBadPeriod(NOW, NOW + 10);
        registry.endKey(PARTY, KEY, NOW + 10);
        _expectBadPeriod(NOW, NOW + 11);
        registry.endKey(PARTY, KEY, NOW + 11);
        _expectBadPeriod(NOW, 0);
        registry.endKey(PARTY, KEY, 0);
        vm.prank(VN);
        registry.endKey(PARTY, KEY, NOW + 9);
        checkEqual("until", registry.keyOf(PARTY, KEY).until, NOW + 9);
    }

    function test_aCompromiseIsMovedEarlierNeverLaterOrAway() public {
        vm.prank(VN);
        registry.addKey(PARTY, KEY, NOW, 0);
        _expectBadPeriod(0, 0);
        registry.compromiseKey(PARTY, KEY, 0);
        vm.prank(VN);
        vm.expectEmit(address(registry));
        emit IAuthorityRegistry.KeyCompromised(PARTY, KEY, NOW + 5);
        registry.compromiseKey(PARTY, KEY, NOW + 5);
        _expectBadPeriod(NOW + 5, NOW + 5);
        registry.compromiseKey(PARTY, KEY, NOW + 5);
        _expectBadPeriod(NOW + 6, NOW + 5);
        registry.compromiseKey(PARTY, KEY, NOW + 6);
        _expectBadPeriod(0, NOW + 5);
        registry.compromiseKey(PARTY, KEY, 0);
        vm.prank(VN);
        registry.compromiseKey(PARTY, KEY, NOW - 5);
        checkEqual("since", registry.keyOf(PARTY, KEY).compromisedSince, NOW - 5);
        checkEqual("its life is as it was", registry.keyOf(PARTY, KEY).since, NOW);
    }

    function test_aMandateIsGrantedAndEnded() public {
        vm.prank(VN);
        vm.expectEmit(address(registry));
        emit IAuthorityRegistry.MandateGranted(PARTY, AGREEMENT, FORM, NOW - 10, 0);
        registry.grantMandate(PARTY, AGREEMENT, FORM, NOW - 10, 0);
        vm.prank(VN);
        registry.grantMandate(PARTY, AGREEMENT, FORM, NOW - 10, NOW - 1);
        checkEqual("since", registry.mandateOf(PARTY, AGREEMENT, FORM).since, NOW - 10);
        checkEqual("until", registry.mandateOf(PARTY, AGREEMENT, FORM).until, NOW - 1);
        checkEqual("of another form", registry.mandateOf(PARTY, AGREEMENT, "E").since, 0);
    }

    function test_aMandateNamesAgreementFormAndPeriod() public {
        vm.prank(VN);
        _expectBadValue();
        registry.grantMandate(PARTY, 0, FORM, NOW, 0);
        vm.prank(VN);
        _expectBadValue();
        registry.grantMandate(PARTY, AGREEMENT, 0, NOW, 0);
        _expectBadPeriod(0, NOW);
        registry.grantMandate(PARTY, AGREEMENT, FORM, 0, NOW);
        _expectBadPeriod(NOW, NOW - 1);
        registry.grantMandate(PARTY, AGREEMENT, FORM, NOW, NOW - 1);
    }

    function test_onlyTheStewardOfThePartysCountryChangesIt() public {
        bytes[6] memory calls = _changes(PARTY);
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(ID);
            _expectFrom(calls[i], _notSteward(ID));
        }
    }

    function test_anUnknownPartyCannotBeChanged() public {
        bytes[6] memory calls = _changes(OTHER);
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(VN);
            _expectFrom(
                calls[i], abi.encodeWithSelector(IAuthorityRegistry.AuthorityRegistryPartyUnknown.selector, OTHER)
            );
        }
    }

    function _changes(bytes16 party) private view returns (bytes[6] memory) {
        return [
            abi.encodeCall(registry.authoriseAccount, (party, ACCOUNT, 3)),
            abi.encodeCall(registry.withdrawAccount, (party, ACCOUNT)),
            abi.encodeCall(registry.addKey, (party, KEY, NOW, 0)),
            abi.encodeCall(registry.endKey, (party, KEY, NOW)),
            abi.encodeCall(registry.compromiseKey, (party, KEY, NOW)),
            abi.encodeCall(registry.grantMandate, (party, AGREEMENT, FORM, NOW, 0))
        ];
    }

    function _notSteward(address account) private pure returns (bytes memory) {
        return abi.encodeWithSelector(
            IAuthorityRegistry.AuthorityRegistryNotSteward.selector, bytes2("VN"), account
        );
    }

    function _expectFrom(bytes memory call, bytes memory revertData) private {
        (bool done, bytes memory answer) = address(registry).call(call);
        check("refused", !done);
        checkEqual("refusal", keccak256(answer), keccak256(revertData));
    }

    function _expectBadPeriod(uint64 since, uint64 until) private {
        vm.prank(VN);
        vm.expectRevert(
            abi.encodeWithSelector(IAuthorityRegistry.AuthorityRegistryBadPeriod.selector, since, until)
        );
    }

    function _expectBadValue() private {
        vm.expectRevert(abi.encodeWithSelector(IAuthorityRegistry.AuthorityRegistryBadValue.selector));
    }
}
