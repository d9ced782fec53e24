// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Who may do what: the specimen signatures and seals of the treaties, in digital form
/// @author Tulen
/// @notice A governor appoints one steward per country; a steward registers the parties of its
/// country (issuing authorities and customs), the accounts that act for them, the Ed25519 keys
/// that sign certificates, and the mandates under which they issue. No name is ever stored: a
/// party is the first 16 bytes of SHA-256("tulen/party/v1\0" || party code).
/// Periods are half-open in seconds of block time: `since <= t < until`; `until == 0` is open-ended.
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

    event StewardAppointed(bytes2 indexed country, address indexed steward);
    event PartyRegistered(bytes16 indexed party, bytes2 indexed country, uint8 roles);
    event AccountAuthorised(bytes16 indexed party, address indexed account);
    event AccountWithdrawn(bytes16 indexed party, address indexed account);
    event KeyAdded(bytes16 indexed party, bytes32 indexed key, uint64 since, uint64 until);
    event KeyEnded(bytes16 indexed party, bytes32 indexed key, uint64 until);
    event KeyCompromised(bytes16 indexed party, bytes32 indexed key, uint64 since);
    event MandateGranted(
        bytes16 indexed party, bytes16 indexed agreement, bytes8 indexed form, uint64 since, uint64 until
    );

    /// @notice The caller is not the governor.
    error AuthorityRegistryNotGovernor(address account);
    /// @notice The caller is not the steward of the country concerned.
    error AuthorityRegistryNotSteward(bytes2 country, address account);
    /// @notice The party is registered already.
    error AuthorityRegistryPartyExists(bytes16 party);
    /// @notice The party is not registered.
    error AuthorityRegistryPartyUnknown(bytes16 party);
    /// @notice The account acts for a party already.
    error AuthorityRegistryAccountTaken(address account, bytes16 party);
    /// @notice The account does not act for that party.
    error AuthorityRegistryAccountUnknown(address account, bytes16 party);
    /// @notice The key is registered already, for this or another party.
    error AuthorityRegistryKeyTaken(bytes32 key, bytes16 party);
    /// @notice The key is not registered for that party.
    error AuthorityRegistryKeyUnknown(bytes32 key, bytes16 party);
    /// @notice A period begins at zero, does not end after it begins, or would be moved the wrong way.
    error AuthorityRegistryBadPeriod(uint64 since, uint64 until);
    /// @notice An account, country, party, key or role set is zero or unknown.
    error AuthorityRegistryBadValue();

    /// @notice Role bit of a body that issues certificates.
    function ISSUING_AUTHORITY() external view returns (uint8);
    /// @notice Role bit of a customs administration.
    function CUSTOMS() external view returns (uint8);
    /// @notice Who appoints stewards.
    function governor() external view returns (address);

    /// @notice Makes `steward` responsible for `country`, in place of any other. Governor only.
    function appointSteward(bytes2 country, address steward) external;
    /// @notice Registers a party. Steward of `country` only; once.
    function registerParty(bytes16 party, bytes2 country, uint8 roles) external;
    /// @notice Lets `account` act for `party`. Steward of the party's country only.
    function authoriseAccount(bytes16 party, address account) external;
    /// @notice Stops `account` from acting for `party`. Steward of the party's country only.
    function withdrawAccount(bytes16 party, address account) external;
    /// @notice Registers a key. A key belongs to one party for ever. Steward only.
    function addKey(bytes16 party, bytes32 key, uint64 since, uint64 until) external;
    /// @notice Ends a key's life; it may be shortened, never prolonged. Steward only.
    function endKey(bytes16 party, bytes32 key, uint64 until) external;
    /// @notice Declares that a key may have been in other hands from `since` on; it may be moved
    /// earlier, never later or away. Steward only.
    function compromiseKey(bytes16 party, bytes32 key, uint64 since) external;
    /// @notice Grants, changes or (with `until` in the past) ends a mandate. Steward only.
    function grantMandate(bytes16 party, bytes16 agreement, bytes8 form, uint64 since, uint64 until) external;

    /// @notice The steward of `country`, or zero.
    function stewardOf(bytes2 country) external view returns (address);
    /// @notice The party; `registeredAt` is zero where it is unknown.
    function partyOf(bytes16 party) external view returns (Party memory);
    /// @notice Whom `account` acts for, and as what; all zero where it acts for nobody.
    /// @param account The account.
    /// @return party The party's identifier.
    /// @return country The party's country.
    /// @return roles The party's roles.
    function agentOf(address account) external view returns (bytes16 party, bytes2 country, uint8 roles);
    /// @notice The life of `key` if it belongs to `party`; all zero otherwise.
    function keyOf(bytes16 party, bytes32 key) external view returns (Key memory);
    /// @notice The mandate; all zero where there is none.
    function mandateOf(bytes16 party, bytes16 agreement, bytes8 form) external view returns (Mandate memory);
}
