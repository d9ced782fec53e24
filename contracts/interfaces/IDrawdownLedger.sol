// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICertificateLedger} from "./ICertificateLedger.sol";

/// @title Quantity drawn per certificate line, so that no certificate is used twice
/// @author Tulen
/// @notice Customs of the importing country draws a quantity against one line of one certificate,
/// with a Merkle proof that the line carries that quantity and that the certificate stands in an
/// anchored log. Over all ports, always: drawn <= certified.
interface IDrawdownLedger {
    /// @notice What one line of a certificate allows (docs/specs/certificate.md, section 4).
    /// @param salt Blinds the leaf until it is drawn against.
    /// @param line Line number, from 1.
    /// @param unit UN/ECE Recommendation 20 code, ASCII, padded with zeros.
    /// @param quantity Millionths of the unit.
    /// @param importingCountry ISO 3166-1 alpha-2 code.
    struct Allowance {
        bytes16 salt;
        uint16 line;
        bytes3 unit;
        uint128 quantity;
        bytes2 importingCountry;
    }

    /// @notice The way from an allowance to an anchored root.
    /// @param leafIndex Index of the allowance leaf in the certificate's tree.
    /// @param leafCount Number of leaves of the certificate's tree.
    /// @param certificatePath RFC 9162 inclusion proof of the allowance leaf; its root is the digest.
    /// @param entryIndex Index of the certificate's entry in the log.
    /// @param logRoot An anchored root of that log.
    /// @param logPath RFC 9162 inclusion proof of the entry under `logRoot`.
    struct AllowanceProof {
        uint64 leafIndex;
        uint64 leafCount;
        bytes32[] certificatePath;
        uint64 entryIndex;
        bytes32 logRoot;
        bytes32[] logPath;
    }

    event Drawn(
        bytes32 indexed digest, uint16 indexed line, bytes32 indexed declaration, bytes16 customs, uint128 quantity
    );
    event Released(
        bytes32 indexed digest, uint16 indexed line, bytes32 indexed declaration, bytes16 customs, uint128 quantity
    );

    /// @notice The caller does not act for customs of the importing country.
    error DrawdownLedgerNotCustoms(address account, bytes2 importingCountry);
    /// @notice The root was never anchored.
    error DrawdownLedgerRootUnknown(bytes32 root);
    /// @notice A proof does not lead to its root.
    error DrawdownLedgerProofInvalid(bytes32 digest);
    /// @notice The certificate is revoked, suspended or replaced.
    error DrawdownLedgerNotGood(bytes32 digest, ICertificateLedger.State state);
    /// @notice More is asked for than is left.
    error DrawdownLedgerOverdrawn(bytes32 digest, uint16 line, uint128 requested, uint128 available);
    /// @notice The declaration has drawn already, with other content; or it was released (`drawn` is then
    /// zero), and a declaration is spent by that: what is drawn anew takes a new reference.
    error DrawdownLedgerDeclarationTaken(bytes32 declaration, uint128 drawn);
    /// @notice The caller's declaration has drawn nothing from that line, or has been released.
    error DrawdownLedgerDeclarationUnknown(bytes32 declaration);
    /// @notice A quantity or declaration is zero.
    error DrawdownLedgerBadValue();

    /// @notice The ledger whose certificates are drawn.
    function ledger() external view returns (ICertificateLedger);

    /// @notice Draws `quantity` millionths of the line's unit for `declaration`.
    /// @dev Idempotent: the same declaration of the same customs with the same certificate, line and
    /// quantity changes nothing and succeeds, even if the certificate has been revoked since.
    /// @param allowance The line, as its leaf commits to it.
    /// @param proof The way from the leaf to an anchored root.
    /// @param quantity Millionths of the unit.
    /// @param declaration Salted reference of one declaration line (docs/specs/certificate.md, section 6).
    function draw(
        Allowance calldata allowance,
        AllowanceProof calldata proof,
        uint128 quantity,
        bytes32 declaration
    ) external;

    /// @notice Gives back what `declaration` drew from `line` of `digest`; the same customs only, once.
    function release(bytes32 digest, uint16 line, bytes32 declaration) external;

    /// @notice Millionths drawn from `line` of `digest` so far.
    function drawn(bytes32 digest, uint16 line) external view returns (uint128);
    /// @notice Millionths that `customs` drew for `declaration`; zero where none or released.
    function drawnFor(bytes16 customs, bytes32 declaration) external view returns (uint128);
}
