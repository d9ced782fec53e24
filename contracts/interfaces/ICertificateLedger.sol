// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAuthorityRegistry} from "./IAuthorityRegistry.sol";

/// @title One append-only log per issuing authority, and the status of what it issued
/// @author Tulen
/// @notice A log is an RFC 9162 Merkle tree over entries `kind || digest`. The ledger accepts a new
/// tree head only with a consistency proof from the last one, so no history can be rewritten,
/// back-dated or forked. Hashes only: no name, price or description.
interface ICertificateLedger {
    /// @notice A tree head that was anchored, in one slot.
    /// @param size Number of entries under it.
    /// @param anchoredAt Block time.
    /// @param authority Whose log it is of; zero where the root was never anchored.
    struct Anchored {
        uint64 size;
        uint64 anchoredAt;
        bytes16 authority;
    }

    /// @notice What has become of a certificate.
    enum State {
        Good,
        Revoked,
        Suspended,
        Replaced
    }

    /// @notice A certificate's state, why, and since when.
    /// @param state The state; `Good` where nothing was ever declared.
    /// @param reason Reason code of the authority (docs/specs/log.md, section 6).
    /// @param since Block time of the change.
    /// @param successor Digest of the certificate that replaces it; zero unless `Replaced`.
    struct Status {
        State state;
        uint8 reason;
        uint64 since;
        bytes32 successor;
    }

    /// @notice All that a verifier must know of one certificate, read in one call at one block.
    struct Evidence {
        uint64 blockNumber;
        uint64 blockTime;
        Anchored anchored;
        Status status;
        IAuthorityRegistry.Party party;
        IAuthorityRegistry.Key key;
        IAuthorityRegistry.Mandate mandate;
    }

    event CheckpointAnchored(bytes16 indexed authority, bytes32 indexed root, uint64 size);
    event StatusChanged(
        bytes16 indexed authority, bytes32 indexed digest, State state, uint8 reason, bytes32 successor
    );

    /// @notice The caller does not act for an issuing authority.
    error CertificateLedgerNotAuthority(address account);
    /// @notice The log has grown (or not yet) since the caller looked.
    error CertificateLedgerStalePredecessor(uint64 expectedSize, uint64 actualSize);
    /// @notice A checkpoint must hold more entries than the last.
    error CertificateLedgerNotGrown(uint64 actualSize, uint64 newSize);
    /// @notice The proof does not lead from the last tree head to the new one.
    error CertificateLedgerInconsistent(bytes32 oldRoot, bytes32 newRoot);
    /// @notice That root is anchored already, for this or another authority: a root is anchored once.
    error CertificateLedgerRootTaken(bytes32 root);
    /// @notice Revoked and replaced are final; only what is suspended can be resumed.
    error CertificateLedgerBadTransition(bytes32 digest, State from, State to);
    /// @notice The digest, root or successor is zero, the successor is the certificate itself, or the
    /// size is beyond 2^48 - 1.
    error CertificateLedgerBadValue(bytes32 value);

    /// @notice The registry that says who may anchor.
    function registry() external view returns (IAuthorityRegistry);

    /// @notice Records the caller's next checkpoint.
    /// @dev Compare-and-swap on the size: two workers cannot fork the log, the slower one reverts.
    /// Sizes below 2^48. An empty log has no checkpoint.
    /// @param predecessorSize Size of the checkpoint that the caller believes is the latest; zero for the first.
    /// @param newSize Number of entries under `newRoot`.
    /// @param newRoot The new tree head.
    /// @param consistencyProof RFC 9162 section 2.1.4 proof from the last head to the new one; empty for the first.
    function anchor(
        uint64 predecessorSize,
        uint64 newSize,
        bytes32 newRoot,
        bytes32[] calldata consistencyProof
    ) external;

    /// @notice Revokes certificates of the caller's log for ever.
    /// @dev Here and below, a status is kept by the caller's authority and the digest; whether the digest
    /// stands in the log is not asked, for nobody asks the status that another authority declared.
    /// In a batch all change or none.
    function revoke(bytes32[] calldata digests, uint8 reason) external;
    /// @notice Suspends certificates of the caller's log.
    function suspend(bytes32[] calldata digests, uint8 reason) external;
    /// @notice Ends a suspension.
    function resume(bytes32[] calldata digests, uint8 reason) external;
    /// @notice Replaces a certificate of the caller's log for ever.
    function replace(bytes32 digest, bytes32 successor, uint8 reason) external;

    /// @notice The latest checkpoint of an authority; zero before the first.
    function head(bytes16 authority) external view returns (uint64 size, bytes32 root);
    /// @notice The checkpoint with this root; `authority` is zero where there is none.
    function anchored(bytes32 root) external view returns (Anchored memory);
    /// @notice The status that `authority` gave `digest`.
    function statusOf(bytes16 authority, bytes32 digest) external view returns (Status memory);
    /// @notice Everything at once, for a verifier.
    function evidence(
        bytes16 authority,
        bytes32 root,
        bytes32 digest,
        bytes32 key,
        bytes16 agreement,
        bytes8 form
    ) external view returns (Evidence memory);
}
