// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthorityRegistry} from "./interfaces/IAuthorityRegistry.sol";

/// @title Registry of parties, their accounts, keys and mandates
/// @author Tulen
/// @notice See `IAuthorityRegistry`. Immutable: a new version is a new deployment.
contract AuthorityRegistry is IAuthorityRegistry {
    /// @dev The party that an account acts for, with what authorising needs of it, in one slot.
    struct Agent {
        bytes16 party;
        bytes2 country;
        uint8 roles;
    }

    /// @inheritdoc IAuthorityRegistry
    uint8 public constant ISSUING_AUTHORITY = 1;
    /// @inheritdoc IAuthorityRegistry
    uint8 public constant CUSTOMS = 2;
    /// @inheritdoc IAuthorityRegistry
    address public immutable governor;

    mapping(bytes2 country => address steward) private _stewards;
    mapping(bytes16 party => Party) private _parties;
    mapping(address account => Agent) private _agents;
    mapping(bytes32 key => bytes16 party) private _keyOwners;
    mapping(bytes32 key => Key) private _keys;
    mapping(bytes16 party => mapping(bytes16 agreement => mapping(bytes8 form => Mandate))) private _mandates;

    /// @notice Deploys an empty registry.
    /// @param governor_ Who appoints stewards; for ever, so it is meant to be a multi-signature account.
    constructor(address governor_) {
        if (governor_ == address(0)) revert AuthorityRegistryBadValue();
        governor = governor_;
    }

    /// @inheritdoc IAuthorityRegistry
    function appointSteward(bytes2 country, address steward) external {
        if (msg.sender != governor) revert AuthorityRegistryNotGovernor(msg.sender);
        if (!_isCapital(country[0]) || !_isCapital(country[1]) || steward == address(0)) {
            revert AuthorityRegistryBadValue();
        }
        _stewards[country] = steward;
        emit StewardAppointed(country, steward);
    }

    /// @inheritdoc IAuthorityRegistry
    function registerParty(bytes16 party, bytes2 country, uint8 roles) external {
        _requireSteward(country);
        if (party == 0 || roles == 0 || roles > ISSUING_AUTHORITY | CUSTOMS) revert AuthorityRegistryBadValue();
        if (_parties[party].registeredAt != 0) revert AuthorityRegistryPartyExists(party);
        _parties[party] = Party(country, roles, uint64(block.timestamp));
        emit PartyRegistered(party, country, roles);
    }

    /// @inheritdoc IAuthorityRegistry
    function authoriseAccount(bytes16 party, address account) external {
        Party memory known = _stewarded(party);
        if (account == address(0)) revert AuthorityRegistryBadValue();
        bytes16 taken = _agents[account].party;
        if (taken != 0) revert AuthorityRegistryAccountTaken(account, taken);
        _agents[account] = Agent(party, known.country, known.roles);
        emit AccountAuthorised(party, account);
    }

    /// @inheritdoc IAuthorityRegistry
    function withdrawAccount(bytes16 party, address account) external {
        _stewarded(party);
        if (_agents[account].party != party) revert AuthorityRegistryAccountUnknown(account, party);
        delete _agents[account];
        emit AccountWithdrawn(party, account);
    }

    /// @inheritdoc IAuthorityRegistry
    function addKey(bytes16 party, bytes32 key, uint64 since, uint64 until) external {
        _stewarded(party);
        if (key == 0) revert AuthorityRegistryBadValue();
        _requirePeriod(since, until);
        bytes16 owner = _keyOwners[key];
        if (owner != 0) revert AuthorityRegistryKeyTaken(key, owner);
        _keyOwners[key] = party;
        _keys[key] = Key(since, until, 0);
        emit KeyAdded(party, key, since, until);
    }

    /// @inheritdoc IAuthorityRegistry
    function endKey(bytes16 party, bytes32 key, uint64 until) external {
        Key storage life = _keyOf(party, key);
        uint64 since = life.since;
        uint64 current = life.until;
        if (until <= since || (current != 0 && until >= current)) revert AuthorityRegistryBadPeriod(since, until);
        life.until = until;
        emit KeyEnded(party, key, until);
    }

    /// @inheritdoc IAuthorityRegistry
    function compromiseKey(bytes16 party, bytes32 key, uint64 since) external {
        Key storage life = _keyOf(party, key);
        uint64 current = life.compromisedSince;
        if (since == 0 || (current != 0 && since >= current)) revert AuthorityRegistryBadPeriod(since, current);
        life.compromisedSince = since;
        emit KeyCompromised(party, key, since);
    }

    /// @inheritdoc IAuthorityRegistry
    function grantMandate(bytes16 party, bytes16 agreement, bytes8 form, uint64 since, uint64 until) external {
        _stewarded(party);
        if (agreement == 0 || form == 0) revert AuthorityRegistryBadValue();
        _requirePeriod(since, until);
        _mandates[party][agreement][form] = Mandate(since, until);
        emit MandateGranted(party, agreement, form, since, until);
    }

    /// @inheritdoc IAuthorityRegistry
    function stewardOf(bytes2 country) external view returns (address) {
        return _stewards[country];
    }

    /// @inheritdoc IAuthorityRegistry
    function partyOf(bytes16 party) external view returns (Party memory) {
        return _parties[party];
    }

    /// @inheritdoc IAuthorityRegistry
    function agentOf(address account) external view returns (bytes16 party, bytes2 country, uint8 roles) {
        Agent storage agent = _agents[account];
        return (agent.party, agent.country, agent.roles);
    }

    /// @inheritdoc IAuthorityRegistry
    function keyOf(bytes16 party, bytes32 key) external view returns (Key memory life) {
        if (_keyOwners[key] == party) life = _keys[key];
    }

    /// @inheritdoc IAuthorityRegistry
    function mandateOf(bytes16 party, bytes16 agreement, bytes8 form) external view returns (Mandate memory) {
        return _mandates[party][agreement][form];
    }

    function _requireSteward(bytes2 country) private view {
        if (msg.sender != _stewards[country]) revert AuthorityRegistryNotSteward(country, msg.sender);
    }

    /// @dev The party, if it is known and the caller is its country's steward.
    function _stewarded(bytes16 party) private view returns (Party memory known) {
        known = _parties[party];
        if (known.registeredAt == 0) revert AuthorityRegistryPartyUnknown(party);
        _requireSteward(known.country);
    }

    /// @dev The key's life, if it is the party's and the caller is the steward of the party's country.
    function _keyOf(bytes16 party, bytes32 key) private view returns (Key storage) {
        _stewarded(party);
        if (_keyOwners[key] != party) revert AuthorityRegistryKeyUnknown(key, party);
        return _keys[key];
    }

    function _requirePeriod(uint64 since, uint64 until) private pure {
        if (since == 0 || (until != 0 && until <= since)) revert AuthorityRegistryBadPeriod(since, until);
    }

    function _isCapital(bytes1 letter) private pure returns (bool) {
        return letter >= "A" && letter <= "Z";
    }
}
