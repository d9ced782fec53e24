// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICertificateLedger} from "./ICertificateLedger.sol";

/// @title Quantity drawn per certificate line, so that no certificate is used twice
/// @author Tulen
/// @notice Customs of the importing country draws a quantity against one line of one certificate,
/// with a Merkle proof that the line carries that quantity and that the certificate stands in an
/// anchored log. Over all ports, always: drawn <= certified.
/// Where the certificate replaces others, what was drawn on the same line of those counts as drawn on it
/// (docs/decisions/0020): no draw makes the sum over the chain exceed what the certificate certifies.
/// Where customs of the exporting country reserved quantity of parent certificates for a line (back-to-back,
/// docs/decisions/0021), no draw makes the sum exceed what is reserved either.
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
    /// @param authority The issuing authority, in whose log the certificate stands.
    /// @param entryIndex Index of the certificate's entry in the log.
    /// @param logSize Size of an anchored checkpoint of that log.
    /// @param logRoot Its root.
    /// @param logPath RFC 9162 inclusion proof of the entry under `logRoot`.
    struct AllowanceProof {
        uint64 leafIndex;
        uint64 leafCount;
        bytes32[] certificatePath;
        bytes16 authority;
        uint64 entryIndex;
        uint64 logSize;
        bytes32 logRoot;
        bytes32[] logPath;
    }

    /// @notice A line of a back-to-back certificate, for which quantity of a parent is reserved.
    /// @param authority Its issuing authority.
    /// @param digest The certificate.
    /// @param line Line number.
    struct Child {
        bytes16 authority;
        bytes32 digest;
        uint16 line;
    }

    /// @notice What stands against one line, summed over the chain of replacements that ends in it.
    /// @param drawn Millionths drawn.
    /// @param reserved Millionths of parents that are reserved for it.
    /// @param bounded Whether anything was ever reserved: then `reserved` bounds what can be drawn.
    struct Account {
        uint256 drawn;
        uint256 reserved;
        bool bounded;
    }

    event Drawn(
        bytes32 indexed digest, uint16 indexed line, bytes32 indexed declaration, bytes16 customs, uint128 quantity
    );
    event Released(
        bytes32 indexed digest, uint16 indexed line, bytes32 indexed declaration, bytes16 customs, uint128 quantity
    );
    event Reserved(
        bytes32 indexed digest,
        uint16 indexed line,
        bytes32 indexed declaration,
        bytes16 authority,
        bytes16 customs,
        uint128 quantity
    );
    event Unreserved(
        bytes32 indexed digest,
        uint16 indexed line,
        bytes32 indexed declaration,
        bytes16 authority,
        bytes16 customs,
        uint128 quantity
    );

    /// @notice The caller does not draw for customs of the importing country.
    error DrawdownLedgerNotCustoms(address account, bytes2 importingCountry);
    /// @notice The importing country does not recognise the authority.
    error DrawdownLedgerNotRecognised(bytes16 authority, bytes2 importingCountry);
    /// @notice The authority never anchored that checkpoint.
    error DrawdownLedgerRootUnknown(bytes32 root);
    /// @notice A proof does not lead to its root.
    error DrawdownLedgerProofInvalid(bytes32 digest);
    /// @notice The certificate is revoked, suspended or replaced.
    error DrawdownLedgerNotGood(bytes32 digest, ICertificateLedger.State state);
    /// @notice More is asked for than is left.
    error DrawdownLedgerOverdrawn(bytes32 digest, uint16 line, uint128 requested, uint128 available);
    /// @notice What was drawn on this line of a replaced certificate, or is reserved for it, is in another unit.
    error DrawdownLedgerUnitDiffers(bytes32 digest, uint16 line, bytes3 unit);
    /// @notice The declaration has drawn already, with other content; or it was released (`drawn` is then
    /// zero), and a declaration is spent by that: what is drawn anew takes a new reference.
    error DrawdownLedgerDeclarationTaken(bytes32 declaration, uint128 drawn);
    /// @notice The caller's declaration has drawn nothing from that line, or not for that child, or has been
    /// released.
    error DrawdownLedgerDeclarationUnknown(bytes32 declaration);
    /// @notice The child is no line of an authority of the caller's country, or it is its own parent.
    error DrawdownLedgerBadChild(bytes16 authority, bytes32 digest);
    /// @notice What is reserved has been drawn, or has passed to a successor.
    error DrawdownLedgerReservationUsed(bytes32 digest, uint16 line);
    /// @notice A quantity, declaration or unit is zero.
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

    /// @notice Draws as `draw` does, and reserves what is drawn for a line of a back-to-back certificate that
    /// an authority of the caller's country issues.
    /// @dev From its first reservation on, a line is drawn up to what is reserved for it and no further, so a
    /// reservation is made before the child is anchored.
    function reserve(
        Allowance calldata allowance,
        AllowanceProof calldata proof,
        uint128 quantity,
        bytes32 declaration,
        Child calldata child
    ) external;

    /// @notice Gives back what `declaration` drew and reserved, as far as the child has not used it.
    function unreserve(bytes32 digest, uint16 line, bytes32 declaration, Child calldata child) external;

    /// @notice Millionths drawn from `line` of `digest` itself so far.
    function drawn(bytes32 digest, uint16 line) external view returns (uint128);
    /// @notice Millionths that `customs` drew for `declaration`; zero where none or released.
    function drawnFor(bytes16 customs, bytes32 declaration) external view returns (uint128);
    /// @notice What stands against a line of a certificate of `authority`, its predecessors included.
    function accountOf(bytes16 authority, bytes32 digest, uint16 line) external view returns (Account memory);
}
