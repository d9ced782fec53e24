// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    ANCHOR,
    CUSTOMS,
    DRAW,
    IAuthorityRegistry,
    ISSUING_AUTHORITY,
    STATUS
} from "./interfaces/IAuthorityRegistry.sol";
import {Timeline} from "./libraries/Timeline.sol";

/// @title Registry of parties, their accounts, keys and mandates
/// @author Tulen
/// @notice See `IAuthorityRegistry`. Immutable: a new version is a new deployment.
contract AuthorityRegistry is IAuthorityRegistry {
    using Timeline for Timeline.Change[];

    /// @dev Whom an account acts for now, with all that authorising needs of it, in one slot.
    /// `number` finds the party's bit in `_pauses`.
    struct Agent {
        bytes16 party;
        bytes2 country;
        uint8 roles;
        uint32 number;
    }

    /// @dev The bit of a word of `_pauses` that stops everybody in it, and the number of parties beside it.
    uint256 private constant _EVERYBODY = 1 << 255;
    uint256 private constant _PER_WORD = 255;

    address private _governorshipOffer;
    Timeline.Change[] private _governors;
    mapping(bytes2 country => Timeline.Change[]) private _stewards;
    mapping(bytes2 country => address successor) private _stewardshipOffers;
    uint32 private _partyCount;
    mapping(bytes16 party => Party) private _parties;
    mapping(bytes16 party => uint32 number) private _numbers;
    mapping(address account => Agent) private _agents;
    mapping(address account => Timeline.Change[]) private _agentHistory;
    mapping(bytes16 party => mapping(bytes32 key => Timeline.Change[])) private _keys;
    mapping(bytes16 party => mapping(bytes16 agreement => mapping(bytes8 form => Timeline.Change[]))) private
        _mandates;
    mapping(bytes2 country => mapping(bytes16 authority => mapping(bytes16 agreement => Timeline.Change[])))
        private _withdrawals;
    /// @dev Who may not anchor now, so that one slot says it of everybody and of one: see `authorityOf`.
    mapping(uint256 word => uint256 bits) private _pauses;
    /// @dev The same, kept for the past. Zero stands for everybody.
    mapping(bytes16 authority => Timeline.Change[]) private _pauseHistory;

    /// @notice Deploys an empty registry.
    /// @param governor_ Who appoints stewards; meant to be a multi-signature account.
    constructor(address governor_) {
        if (governor_ == address(0)) revert AuthorityRegistryBadValue();
        _governors.record(uint160(governor_));
        emit GovernorshipAccepted(governor_);
    }

    /// @inheritdoc IAuthorityRegistry
    function offerGovernorship(address successor) external {
        _requireGovernor();
        _governorshipOffer = successor;
        emit GovernorshipOffered(msg.sender, successor);
    }

    /// @inheritdoc IAuthorityRegistry
    function acceptGovernorship() external {
        if (msg.sender != _governorshipOffer) revert AuthorityRegistryNotOffered(msg.sender);
        delete _governorshipOffer;
        _governors.record(uint160(msg.sender));
        emit GovernorshipAccepted(msg.sender);
    }

    /// @inheritdoc IAuthorityRegistry
    function appointSteward(bytes2 country, address steward) external {
        _requireGovernor();
        if (!_isCapital(country[0]) || !_isCapital(country[1]) || steward == address(0)) {
            revert AuthorityRegistryBadValue();
        }
        delete _stewardshipOffers[country];
        _stewards[country].record(uint160(steward));
        emit StewardAppointed(country, steward);
    }

    /// @inheritdoc IAuthorityRegistry
    function offerStewardship(bytes2 country, address successor) external {
        _requireSteward(country);
        _stewardshipOffers[country] = successor;
        emit StewardshipOffered(country, msg.sender, successor);
    }

    /// @inheritdoc IAuthorityRegistry
    function acceptStewardship(bytes2 country) external {
        if (msg.sender != _stewardshipOffers[country]) revert AuthorityRegistryNotOffered(msg.sender);
        delete _stewardshipOffers[country];
        _stewards[country].record(uint160(msg.sender));
        emit StewardshipAccepted(country, msg.sender);
    }

    /// @inheritdoc IAuthorityRegistry
    function registerParty(bytes16 party, bytes2 country, uint8 roles) external {
        _requireSteward(country);
        if (party == 0 || roles == 0 || roles > ISSUING_AUTHORITY | CUSTOMS) revert AuthorityRegistryBadValue();
        if (_parties[party].registeredAt != 0) revert AuthorityRegistryPartyExists(party);
        _parties[party] = Party(country, roles, uint64(block.timestamp));
        uint32 number = _partyCount++;
        _numbers[party] = number;
        // The first of a word finds it empty, even while everybody is paused.
        if (number % _PER_WORD == 0 && isPaused(0)) _pauses[number / _PER_WORD] = _EVERYBODY;
        emit PartyRegistered(party, country, roles);
    }

    /// @inheritdoc IAuthorityRegistry
    function authoriseAccount(bytes16 party, address account, uint8 roles) external {
        Party memory known = _stewarded(party);
        uint8 allowed = known.roles & ISSUING_AUTHORITY == 0 ? 0 : ANCHOR | STATUS;
        if (known.roles & CUSTOMS != 0) allowed |= DRAW;
        if (account == address(0) || roles == 0 || roles & ~allowed != 0) revert AuthorityRegistryBadValue();
        Agent memory before = _agents[account];
        if (before.party != 0 && (before.party != party || before.roles == roles)) {
            revert AuthorityRegistryAccountTaken(account, before.party);
        }
        _setAgent(account, Agent(party, known.country, roles, _numbers[party]));
        emit AccountAuthorised(party, account, roles);
    }

    /// @inheritdoc IAuthorityRegistry
    function withdrawAccount(bytes16 party, address account) external {
        _stewarded(party);
        if (_agents[account].party != party) revert AuthorityRegistryAccountUnknown(account, party);
        _setAgent(account, Agent(0, 0, 0, 0));
        emit AccountWithdrawn(party, account);
    }

    /// @inheritdoc IAuthorityRegistry
    function addKey(bytes16 party, bytes32 key, uint64 since, uint64 until) external {
        _stewarded(party);
        if (key == 0) revert AuthorityRegistryBadValue();
        _requirePeriod(since, until);
        if (_keys[party][key].length != 0) revert AuthorityRegistryKeyTaken(key, party);
        _setKey(party, key, Key(since, until, 0));
        emit KeyAdded(party, key, since, until);
    }

    /// @inheritdoc IAuthorityRegistry
    function endKey(bytes16 party, bytes32 key, uint64 until) external {
        Key memory life = _stewardedKey(party, key);
        if (until <= life.since || (life.until != 0 && until >= life.until)) {
            revert AuthorityRegistryBadPeriod(life.since, until);
        }
        life.until = until;
        _setKey(party, key, life);
        emit KeyEnded(party, key, until);
    }

    /// @inheritdoc IAuthorityRegistry
    function compromiseKey(bytes16 party, bytes32 key, uint64 since) external {
        Key memory life = _stewardedKey(party, key);
        if (since == 0 || (life.compromisedSince != 0 && since >= life.compromisedSince)) {
            revert AuthorityRegistryBadPeriod(since, life.compromisedSince);
        }
        life.compromisedSince = since;
        _setKey(party, key, life);
        emit KeyCompromised(party, key, since);
    }

    /// @inheritdoc IAuthorityRegistry
    function grantMandate(bytes16 party, bytes16 agreement, bytes8 form, uint64 since, uint64 until) external {
        _stewarded(party);
        if (agreement == 0 || form == 0) revert AuthorityRegistryBadValue();
        _requirePeriod(since, until);
        _mandates[party][agreement][form].record(uint192(since) << 64 | until);
        emit MandateGranted(party, agreement, form, since, until);
    }

    /// @inheritdoc IAuthorityRegistry
    function withdrawRecognition(bytes2 country, bytes16 authority, bytes16 agreement) external {
        _setWithdrawn(country, authority, agreement, 1);
        emit RecognitionWithdrawn(country, authority, agreement);
    }

    /// @inheritdoc IAuthorityRegistry
    function restoreRecognition(bytes2 country, bytes16 authority, bytes16 agreement) external {
        _setWithdrawn(country, authority, agreement, 0);
        emit RecognitionRestored(country, authority, agreement);
    }

    /// @inheritdoc IAuthorityRegistry
    function pauseIssuing(bytes16 authority) external {
        _setPaused(authority, 1);
        emit IssuingPaused(authority, msg.sender);
    }

    /// @inheritdoc IAuthorityRegistry
    function resumeIssuing(bytes16 authority) external {
        _setPaused(authority, 0);
        emit IssuingResumed(authority, msg.sender);
    }

    /// @inheritdoc IAuthorityRegistry
    function governorAsOf(uint64 time) external view returns (address) {
        return address(uint160(_governors.asOf(time)));
    }

    /// @inheritdoc IAuthorityRegistry
    function governorshipOffer() external view returns (address) {
        return _governorshipOffer;
    }

    /// @inheritdoc IAuthorityRegistry
    function stewardAsOf(bytes2 country, uint64 time) external view returns (address) {
        return address(uint160(_stewards[country].asOf(time)));
    }

    /// @inheritdoc IAuthorityRegistry
    function stewardshipOffer(bytes2 country) external view returns (address) {
        return _stewardshipOffers[country];
    }

    /// @inheritdoc IAuthorityRegistry
    function partyOf(bytes16 party) external view returns (Party memory) {
        return _parties[party];
    }

    /// @inheritdoc IAuthorityRegistry
    function rolesOf(address account) external view returns (bytes16 party, bytes2 country, uint8 roles) {
        Agent storage agent = _agents[account];
        return (agent.party, agent.country, agent.roles);
    }

    /// @inheritdoc IAuthorityRegistry
    function rolesAsOf(address account, uint64 time)
        external
        view
        returns (bytes16 party, bytes2 country, uint8 roles)
    {
        uint192 value = _agentHistory[account].asOf(time);
        return (bytes16(uint128(value >> 24)), bytes2(uint16(value >> 8)), uint8(value));
    }

    /// @inheritdoc IAuthorityRegistry
    function authorityOf(address account) external view returns (bytes16 authority, bool paused) {
        Agent storage agent = _agents[account];
        if (agent.roles & ANCHOR == 0) return (0, false);
        uint256 number = agent.number;
        uint256 stops = _EVERYBODY | 1 << number % _PER_WORD;
        return (agent.party, _pauses[number / _PER_WORD] & stops != 0);
    }

    /// @inheritdoc IAuthorityRegistry
    function drawingCustomsOf(address account, bytes16 authority)
        external
        view
        returns (bytes16 customs, bytes2 country, bool recognised)
    {
        Agent storage agent = _agents[account];
        if (agent.roles & DRAW == 0) return (0, 0, false);
        country = agent.country;
        return (agent.party, country, _withdrawals[country][authority][0].latest() == 0);
    }

    /// @inheritdoc IAuthorityRegistry
    function keyOf(bytes16 party, bytes32 key) external view returns (Key memory) {
        return _key(_keys[party][key].latest());
    }

    /// @inheritdoc IAuthorityRegistry
    function keyAsOf(bytes16 party, bytes32 key, uint64 time) external view returns (Key memory) {
        return _key(_keys[party][key].asOf(time));
    }

    /// @inheritdoc IAuthorityRegistry
    function mandateOf(bytes16 party, bytes16 agreement, bytes8 form) external view returns (Mandate memory) {
        return _mandate(_mandates[party][agreement][form].latest());
    }

    /// @inheritdoc IAuthorityRegistry
    function mandateAsOf(bytes16 party, bytes16 agreement, bytes8 form, uint64 time)
        external
        view
        returns (Mandate memory)
    {
        return _mandate(_mandates[party][agreement][form].asOf(time));
    }

    /// @inheritdoc IAuthorityRegistry
    function isRecognised(bytes2 country, bytes16 authority, bytes16 agreement) external view returns (bool) {
        return _withdrawals[country][authority][0].latest() == 0
            && _withdrawals[country][authority][agreement].latest() == 0;
    }

    /// @inheritdoc IAuthorityRegistry
    function isRecognisedAsOf(bytes2 country, bytes16 authority, bytes16 agreement, uint64 time)
        external
        view
        returns (bool)
    {
        return _withdrawals[country][authority][0].asOf(time) == 0
            && _withdrawals[country][authority][agreement].asOf(time) == 0;
    }

    /// @inheritdoc IAuthorityRegistry
    function isPausedAsOf(bytes16 authority, uint64 time) external view returns (bool) {
        return _pauseHistory[0].asOf(time) | _pauseHistory[authority].asOf(time) != 0;
    }

    /// @inheritdoc IAuthorityRegistry
    function governor() public view returns (address) {
        return address(uint160(_governors.latest()));
    }

    /// @inheritdoc IAuthorityRegistry
    function stewardOf(bytes2 country) public view returns (address) {
        return address(uint160(_stewards[country].latest()));
    }

    /// @inheritdoc IAuthorityRegistry
    function isPaused(bytes16 authority) public view returns (bool) {
        return _pauseHistory[0].latest() | _pauseHistory[authority].latest() != 0;
    }

    function _setAgent(address account, Agent memory agent) private {
        _agents[account] = agent;
        _agentHistory[account].record(
            uint192(uint128(agent.party)) << 24 | uint192(uint16(agent.country)) << 8 | agent.roles
        );
    }

    function _setKey(bytes16 party, bytes32 key, Key memory life) private {
        _keys[party][key].record(uint192(life.since) << 128 | uint192(life.until) << 64 | life.compromisedSince);
    }

    function _setWithdrawn(bytes2 country, bytes16 authority, bytes16 agreement, uint192 withdrawn) private {
        _requireSteward(country);
        _requireIssuing(_known(authority));
        Timeline.Change[] storage withdrawals = _withdrawals[country][authority][agreement];
        if (withdrawals.latest() == withdrawn) revert AuthorityRegistryUnchanged();
        withdrawals.record(withdrawn);
    }

    function _setPaused(bytes16 authority, uint192 paused) private {
        Timeline.Change[] storage history = _pauseHistory[authority];
        if (authority == 0) _requireGovernor();
        else _requireIssuing(_stewarded(authority));
        if (history.latest() == paused) revert AuthorityRegistryUnchanged();
        history.record(paused);
        if (authority != 0) {
            uint256 number = _numbers[authority];
            _pauses[number / _PER_WORD] ^= 1 << number % _PER_WORD;
        } else {
            uint256 count = _partyCount;
            for (uint256 first = 0; first < count; first += _PER_WORD) _pauses[first / _PER_WORD] ^= _EVERYBODY;
        }
    }

    function _requireGovernor() private view {
        if (msg.sender != governor()) revert AuthorityRegistryNotGovernor(msg.sender);
    }

    function _requireSteward(bytes2 country) private view {
        if (msg.sender != stewardOf(country)) revert AuthorityRegistryNotSteward(country, msg.sender);
    }

    function _known(bytes16 party) private view returns (Party memory known) {
        known = _parties[party];
        if (known.registeredAt == 0) revert AuthorityRegistryPartyUnknown(party);
    }

    /// @dev The party, if it is known and the caller is its country's steward.
    function _stewarded(bytes16 party) private view returns (Party memory known) {
        known = _known(party);
        _requireSteward(known.country);
    }

    /// @dev The key's life, if it is the party's and the caller is the steward of the party's country.
    function _stewardedKey(bytes16 party, bytes32 key) private view returns (Key memory life) {
        _stewarded(party);
        life = _key(_keys[party][key].latest());
        if (life.since == 0) revert AuthorityRegistryKeyUnknown(key, party);
    }

    function _requireIssuing(Party memory party) private pure {
        if (party.roles & ISSUING_AUTHORITY == 0) revert AuthorityRegistryBadValue();
    }

    function _requirePeriod(uint64 since, uint64 until) private pure {
        if (since == 0 || (until != 0 && until <= since)) revert AuthorityRegistryBadPeriod(since, until);
    }

    function _key(uint192 value) private pure returns (Key memory) {
        return Key(uint64(value >> 128), uint64(value >> 64), uint64(value));
    }

    function _mandate(uint192 value) private pure returns (Mandate memory) {
        return Mandate(uint64(value >> 64), uint64(value));
    }

    function _isCapital(bytes1 letter) private pure returns (bool) {
        return letter >= "A" && letter <= "Z";
    }
}
