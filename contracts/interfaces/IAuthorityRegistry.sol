// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

// Role bits of a party.
/// @dev It issues certificates.
uint8 constant ISSUING_AUTHORITY = 1;
/// @dev It is a customs administration.
uint8 constant CUSTOMS = 2;

// Role bits of an account, each for parties of one kind.
/// @dev It anchors its authority's log.
uint8 constant ANCHOR = 1;
/// @dev It revokes, suspends, resumes and replaces for its authority.
uint8 constant STATUS = 2;
/// @dev It draws and releases for its customs.
uint8 constant DRAW = 4;

/// @title Who may do what: the specimen signatures and seals of the treaties, in digital form
/// @author Tulen
/// @notice A governor appoints one steward per country; a steward registers the parties of its
/// country (issuing authorities and customs), the accounts that act for them, the Ed25519 keys
/// that sign certificates, and the mandates under which they issue; and says which authorities of
/// other countries its own country no longer recognises. No name is ever stored: a party is the
/// first 16 bytes of SHA-256("tulen/party/v1\0" || party code).
/// Periods are half-open in seconds of block time: `since <= t < until`; `until == 0` is open-ended.
/// Nothing is forgotten: what ends in `AsOf` answers what this contract said at the end of that second
/// of block time. Governor, stewards and accounts may be contracts: only the sender counts.
interface IAuthorityRegistry {
    /// @notice A registered body.
    /// @param country ISO 3166-1 alpha-2 code.
    /// @param roles Bit set of `ISSUING_AUTHORITY` and `CUSTOMS`.
    /// @param registeredAt Block time of registration; zero where the party is unknown.
    struct Party {
        bytes2 country;
        uint8 roles;
        uint64 registeredAt;
    }

    /// @notice An Ed25519 key's life.
    /// @param since First second in which the key may sign.
    /// @param until First second in which it may no longer sign; zero while open-ended.
    /// @param compromisedSince Instant from which its signatures are not trusted; zero if never.
    struct Key {
        uint64 since;
        uint64 until;
        uint64 compromisedSince;
    }

    /// @notice The right to issue one form of one agreement.
    struct Mandate {
        uint64 since;
        uint64 until;
    }

    event GovernorshipOffered(address indexed governor, address indexed successor);
    event GovernorshipAccepted(address indexed governor);
    event StewardAppointed(bytes2 indexed country, address indexed steward);
    event StewardshipOffered(bytes2 indexed country, address indexed steward, address indexed successor);
    event StewardshipAccepted(bytes2 indexed country, address indexed steward);
    event PartyRegistered(bytes16 indexed party, bytes2 indexed country, uint8 roles);
    event AccountAuthorised(bytes16 indexed party, address indexed account, uint8 roles);
    event AccountWithdrawn(bytes16 indexed party, address indexed account);
    event KeyAdded(bytes16 indexed party, bytes32 indexed key, uint64 since, uint64 until);
    event KeyEnded(bytes16 indexed party, bytes32 indexed key, uint64 until);
    event KeyCompromised(bytes16 indexed party, bytes32 indexed key, uint64 since);
    event MandateGranted(
        bytes16 indexed party, bytes16 indexed agreement, bytes8 indexed form, uint64 since, uint64 until
    );
    event RecognitionWithdrawn(bytes2 indexed country, bytes16 indexed authority, bytes16 indexed agreement);
    event RecognitionRestored(bytes2 indexed country, bytes16 indexed authority, bytes16 indexed agreement);
    event IssuingPaused(bytes16 indexed authority, address by);
    event IssuingResumed(bytes16 indexed authority, address by);

    /// @notice The caller is not the governor.
    error AuthorityRegistryNotGovernor(address account);
    /// @notice The caller is not the steward of the country concerned.
    error AuthorityRegistryNotSteward(bytes2 country, address account);
    /// @notice What the caller accepts was not offered to it.
    error AuthorityRegistryNotOffered(address account);
    /// @notice The party is registered already.
    error AuthorityRegistryPartyExists(bytes16 party);
    /// @notice The party is not registered.
    error AuthorityRegistryPartyUnknown(bytes16 party);
    /// @notice The account acts for a party already: for another one, or for this one with the same roles.
    error AuthorityRegistryAccountTaken(address account, bytes16 party);
    /// @notice The account does not act for that party.
    error AuthorityRegistryAccountUnknown(address account, bytes16 party);
    /// @notice The key is registered for that party already.
    error AuthorityRegistryKeyTaken(bytes32 key, bytes16 party);
    /// @notice The key is not registered for that party.
    error AuthorityRegistryKeyUnknown(bytes32 key, bytes16 party);
    /// @notice A period begins at zero, does not end after it begins, or would be moved the wrong way.
    error AuthorityRegistryBadPeriod(uint64 since, uint64 until);
    /// @notice An account, country, party, key, agreement, form or role set is zero, unknown or not of the
    /// party's kind.
    error AuthorityRegistryBadValue();
    /// @notice It is so already: paused or not, recognised or not.
    error AuthorityRegistryUnchanged();

    /// @notice Offers the governorship, in place of any earlier offer; zero withdraws it. Governor only.
    function offerGovernorship(address successor) external;
    /// @notice Takes the governorship that was offered to the caller.
    function acceptGovernorship() external;
    /// @notice Makes `steward` responsible for `country`, in place of any other and of any offer. Governor only.
    function appointSteward(bytes2 country, address steward) external;
    /// @notice Offers the stewardship, in place of any earlier offer; zero withdraws it. Its steward only.
    function offerStewardship(bytes2 country, address successor) external;
    /// @notice Takes the stewardship that was offered to the caller.
    function acceptStewardship(bytes2 country) external;
    /// @notice Registers a party. Steward of `country` only; once.
    function registerParty(bytes16 party, bytes2 country, uint8 roles) external;
    /// @notice Lets `account` act for `party` in these roles, in place of those it had. Steward of the party's
    /// country only. An issuing authority's accounts anchor and change statuses, customs' accounts draw.
    function authoriseAccount(bytes16 party, address account, uint8 roles) external;
    /// @notice Stops `account` from acting for `party`. Steward of the party's country only.
    function withdrawAccount(bytes16 party, address account) external;
    /// @notice Registers a key. Steward only.
    /// @dev Nobody proves to hold it, and two parties may register the same: a key is asked for under the
    /// party that a certificate names, so to register another's key gains nothing and takes nothing away
    /// (docs/decisions/0019).
    function addKey(bytes16 party, bytes32 key, uint64 since, uint64 until) external;
    /// @notice Ends a key's life; it may be shortened, never prolonged. Steward only.
    function endKey(bytes16 party, bytes32 key, uint64 until) external;
    /// @notice Declares that a key may have been in other hands from `since` on; it may be moved
    /// earlier, never later or away. Steward only.
    function compromiseKey(bytes16 party, bytes32 key, uint64 since) external;
    /// @notice Grants, changes or (with `until` in the past) ends a mandate. Steward only.
    function grantMandate(bytes16 party, bytes16 agreement, bytes8 form, uint64 since, uint64 until) external;
    /// @notice Ends `country`'s recognition of an authority, under one agreement or, with zero, under all.
    /// Steward of `country` only. By default every authority is recognised.
    function withdrawRecognition(bytes2 country, bytes16 authority, bytes16 agreement) external;
    /// @notice Undoes `withdrawRecognition` with the same arguments.
    function restoreRecognition(bytes2 country, bytes16 authority, bytes16 agreement) external;
    /// @notice Stops an authority from anchoring (steward of its country), or with zero every one (governor).
    /// @dev Revoking, suspending, resuming, replacing and drawing go on.
    function pauseIssuing(bytes16 authority) external;
    /// @notice Undoes `pauseIssuing` with the same argument; the other pause, if any, stays.
    function resumeIssuing(bytes16 authority) external;

    /// @notice Who appoints stewards.
    function governor() external view returns (address);
    function governorAsOf(uint64 time) external view returns (address);
    /// @notice To whom the governorship is offered, or zero.
    function governorshipOffer() external view returns (address);
    /// @notice The steward of `country`, or zero.
    function stewardOf(bytes2 country) external view returns (address);
    function stewardAsOf(bytes2 country, uint64 time) external view returns (address);
    /// @notice To whom the stewardship is offered, or zero.
    function stewardshipOffer(bytes2 country) external view returns (address);
    /// @notice The party; `registeredAt` is zero where it is unknown. It never changes.
    function partyOf(bytes16 party) external view returns (Party memory);
    /// @notice Whom `account` acts for, and in what; all zero where it acts for nobody.
    /// @param account The account.
    /// @return party The party's identifier.
    /// @return country The party's country.
    /// @return roles The account's roles: bit set of `ANCHOR`, `STATUS` and `DRAW`.
    function rolesOf(address account) external view returns (bytes16 party, bytes2 country, uint8 roles);
    function rolesAsOf(address account, uint64 time)
        external
        view
        returns (bytes16 party, bytes2 country, uint8 roles);
    /// @notice Whose log `account` anchors, asked at the least cost.
    /// @param account The account.
    /// @return authority The authority; zero where the account has not the role `ANCHOR`.
    /// @return paused Whether its issuing is paused.
    function authorityOf(address account) external view returns (bytes16 authority, bool paused);
    /// @notice For which customs `account` draws, and whether its country recognises `authority`.
    /// @param account The account.
    /// @param authority The issuing authority.
    /// @return customs The customs; zero where the account has not the role `DRAW`.
    /// @return country Its country.
    /// @return recognised Whether that country recognises the authority, whatever the agreement.
    function drawingCustomsOf(address account, bytes16 authority)
        external
        view
        returns (bytes16 customs, bytes2 country, bool recognised);
    /// @notice The life of `key` under `party`; all zero where it is not registered there.
    function keyOf(bytes16 party, bytes32 key) external view returns (Key memory);
    function keyAsOf(bytes16 party, bytes32 key, uint64 time) external view returns (Key memory);
    /// @notice The mandate; all zero where there is none.
    function mandateOf(bytes16 party, bytes16 agreement, bytes8 form) external view returns (Mandate memory);
    function mandateAsOf(bytes16 party, bytes16 agreement, bytes8 form, uint64 time)
        external
        view
        returns (Mandate memory);
    /// @notice Whether `country` recognises `authority` under `agreement`; with zero, whatever the agreement.
    function isRecognised(bytes2 country, bytes16 authority, bytes16 agreement) external view returns (bool);
    function isRecognisedAsOf(bytes2 country, bytes16 authority, bytes16 agreement, uint64 time)
        external
        view
        returns (bool);
    /// @notice Whether `authority` may not anchor, because it or everybody is paused; with zero, everybody.
    function isPaused(bytes16 authority) external view returns (bool);
    function isPausedAsOf(bytes16 authority, uint64 time) external view returns (bool);
}
