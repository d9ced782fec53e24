// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAuthorityRegistry} from "./IAuthorityRegistry.sol";

/// @title One append-only log per issuing authority, and the status of what it issued
/// @author Tulen
/// @notice A log is an RFC 9162 Merkle tree over entries `kind || digest`. The ledger accepts a new
/// tree head only with a consistency proof from the last one, so no history can be rewritten,
/// back-dated or forked. Hashes only: no name, price or description.
/// Everything here is kept by authority: what one anchors or declares is nothing to another's log.
interface ICertificateLedger {
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
    /// @param blockNumber The block.
    /// @param blockTime Its time.
    /// @param anchoredAt Block time of the checkpoint; zero where it was never anchored.
    /// @param status What the authority declared of the certificate.
    /// @param party The authority.
    /// @param key The key, under that authority.
    /// @param mandate The mandate as it reads now.
    /// @param mandateWhenAnchored The mandate as it read at `anchoredAt`.
    /// @param recognised Whether the importing country recognises the authority now.
    /// @param recognisedWhenAnchored Whether it did at `anchoredAt`.
    /// @param issuingPaused Whether the authority's issuing is paused now.
    struct Evidence {
        uint64 blockNumber;
        uint64 blockTime;
        uint64 anchoredAt;
        Status status;
        IAuthorityRegistry.Party party;
        IAuthorityRegistry.Key key;
        IAuthorityRegistry.Mandate mandate;
        IAuthorityRegistry.Mandate mandateWhenAnchored;
        bool recognised;
        bool recognisedWhenAnchored;
        bool issuingPaused;
    }

    event CheckpointAnchored(bytes16 indexed authority, bytes32 indexed root, uint64 size);
    event Revoked(bytes16 indexed authority, bytes32 indexed digest, uint8 reason);
    event Suspended(bytes16 indexed authority, bytes32 indexed digest, uint8 reason);
    event Resumed(bytes16 indexed authority, bytes32 indexed digest, uint8 reason);
    event Replaced(bytes16 indexed authority, bytes32 indexed digest, uint8 reason, bytes32 successor);

    /// @notice The caller has not the account role that this needs: `ANCHOR`, or `STATUS`.
    error CertificateLedgerNotAuthority(address account);
    /// @notice The authority's issuing is paused.
    error CertificateLedgerIssuingPaused(bytes16 authority);
    /// @notice The log has grown (or not yet) since the caller looked.
    error CertificateLedgerStalePredecessor(uint64 expectedSize, uint64 actualSize);
    /// @notice A checkpoint must hold more entries than the last.
    error CertificateLedgerNotGrown(uint64 actualSize, uint64 newSize);
    /// @notice The proof does not lead from the last tree head to the new one.
    error CertificateLedgerInconsistent(uint64 oldSize, bytes32 newRoot);
    /// @notice Revoked and replaced are final; only what is suspended can be resumed.
    error CertificateLedgerBadTransition(bytes32 digest, State from, State to);
    /// @notice A successor is a certificate of its own that is good and succeeds no other.
    error CertificateLedgerBadSuccessor(bytes32 digest, bytes32 successor);
    /// @notice The certificate ends a chain of `MAX_PREDECESSORS` replacements.
    error CertificateLedgerReplacedTooOften(bytes32 digest);
    /// @notice The digest or root is zero, or the size is beyond 2^48 - 1.
    error CertificateLedgerBadValue(bytes32 value);
    /// @notice There are not as many successors as digests.
    error CertificateLedgerUnevenBatch(uint256 digests, uint256 successors);

    /// @notice The registry that says who may anchor.
    function registry() external view returns (IAuthorityRegistry);
    /// @notice The most replacements that lead up to one certificate.
    function MAX_PREDECESSORS() external view returns (uint256);

    /// @notice Records the caller's next checkpoint.
    /// @dev Compare-and-swap: two workers cannot fork the log, the slower one reverts.
    /// Sizes below 2^48. An empty log has no checkpoint.
    /// @param predecessorSize Size of the checkpoint that the caller believes is the latest; zero for the first.
    /// @param newSize Number of entries under `newRoot`.
    /// @param newRoot The new tree head.
    /// @param consistencyProof RFC 9162 section 2.1.4 proof from the last head to the new one, which begins with
    /// the last root where the RFC leaves that out, that is where `predecessorSize` is a power of two; empty for
    /// the first.
    function anchor(
        uint64 predecessorSize,
        uint64 newSize,
        bytes32 newRoot,
        bytes32[] calldata consistencyProof
    ) external;

    /// @notice Revokes a certificate of the caller's log for ever.
    /// @dev Here and below, a status is kept by the caller's authority and the digest; whether the digest
    /// stands in the log is not asked, for nobody asks the status that another authority declared.
    /// No pause stops any of this.
    function revoke(bytes32 digest, uint8 reason) external;
    /// @notice Suspends a certificate of the caller's log.
    function suspend(bytes32 digest, uint8 reason) external;
    /// @notice Ends a suspension.
    function resume(bytes32 digest, uint8 reason) external;
    /// @notice Replaces a certificate of the caller's log for ever.
    /// @dev What was drawn on the replaced certificate counts on its successor. So that it counts from the
    /// first draw on, a replacement is declared before the successor is anchored.
    function replace(bytes32 digest, bytes32 successor, uint8 reason) external;
    /// @notice `revoke` for each; in a batch, here and below, all change or none.
    function revokeEach(bytes32[] calldata digests, uint8 reason) external;
    /// @notice `suspend` for each.
    function suspendEach(bytes32[] calldata digests, uint8 reason) external;
    /// @notice `resume` for each.
    function resumeEach(bytes32[] calldata digests, uint8 reason) external;
    /// @notice `replace` for each.
    function replaceEach(bytes32[] calldata digests, bytes32[] calldata successors, uint8 reason) external;

    /// @notice The latest checkpoint of an authority; zero before the first.
    /// @param authority The authority.
    /// @return size Number of entries under it.
    /// @return checkpoint `keccak256(root || size)`, 32 and 8 bytes: the ledger keeps no root, but recognises it.
    function head(bytes16 authority) external view returns (uint64 size, bytes32 checkpoint);
    /// @notice When the authority anchored that checkpoint; zero if it never did.
    function anchored(bytes16 authority, bytes32 root, uint64 size) external view returns (uint64 anchoredAt);
    /// @notice The status that `authority` gave `digest`.
    function statusOf(bytes16 authority, bytes32 digest) external view returns (Status memory);
    /// @notice The certificates that `authority` replaced on the way to `digest`, the latest first.
    function predecessorsOf(bytes16 authority, bytes32 digest) external view returns (bytes32[] memory);
    /// @notice What a drawing asks, in one call.
    /// @param authority The authority.
    /// @param root Root of a checkpoint.
    /// @param size Its size.
    /// @param digest A certificate.
    /// @return anchoredAt When the checkpoint was anchored; zero if never.
    /// @return state State of the certificate.
    /// @return predecessors How many certificates were replaced on the way to it.
    function certificateStanding(bytes16 authority, bytes32 root, uint64 size, bytes32 digest)
        external
        view
        returns (uint64 anchoredAt, State state, uint256 predecessors);
    /// @notice Everything at once, for a verifier.
    /// @param authority The issuing authority that the certificate names.
    /// @param root Root of a checkpoint.
    /// @param size Its size.
    /// @param digest The certificate.
    /// @param key The key that signed it.
    /// @param agreement The agreement it claims a preference under.
    /// @param form Its form.
    /// @param importingCountry The country whose recognition is asked for.
    /// @return All that is known.
    function evidence(
        bytes16 authority,
        bytes32 root,
        uint64 size,
        bytes32 digest,
        bytes32 key,
        bytes16 agreement,
        bytes8 form,
        bytes2 importingCountry
    ) external view returns (Evidence memory);
}
