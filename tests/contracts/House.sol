// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AuthorityRegistry} from "../../contracts/AuthorityRegistry.sol";
import {ANCHOR, CUSTOMS, DRAW, ISSUING_AUTHORITY, STATUS} from "../../contracts/interfaces/IAuthorityRegistry.sol";
import {CertificateLedger} from "../../contracts/CertificateLedger.sol";
import {DrawdownLedger} from "../../contracts/DrawdownLedger.sol";
import {IDrawdownLedger} from "../../contracts/interfaces/IDrawdownLedger.sol";
import {MerkleLogHarness} from "./MerkleLogHarness.sol";
import {Checks} from "./Checks.sol";
import {NaiveLog} from "./NaiveLog.sol";

/// @title The three contracts with their parties: Viet Nam issues, Indonesia imports
/// @author Tulen
/// @notice The test is governor and both stewards.
abstract contract House is Checks {
    bytes16 internal constant MOIT = "party VN.MOIT";
    bytes16 internal constant VCCI = "party VN.VCCI";
    bytes16 internal constant DJBC = "party ID.DJBC";
    bytes16 internal constant JKDM = "party MY.JKDM";
    address internal constant MOIT_ACCOUNT = address(0xA1);
    address internal constant VCCI_ACCOUNT = address(0xA2);
    address internal constant PRIOK = address(0xC1);
    address internal constant PERAK = address(0xC2);
    address internal constant KLANG = address(0xC3);
    address internal constant NOBODY = address(0xFF);

    AuthorityRegistry internal registry;
    CertificateLedger internal ledger;
    DrawdownLedger internal drawdowns;
    MerkleLogHarness internal hashes;

    function build() internal {
        vm.warp(1_800_000_000);
        hashes = new MerkleLogHarness();
        registry = new AuthorityRegistry(address(this));
        ledger = new CertificateLedger(registry);
        drawdowns = new DrawdownLedger(ledger);
        registry.appointSteward("VN", address(this));
        registry.appointSteward("ID", address(this));
        registry.appointSteward("MY", address(this));
        register(MOIT, "VN", ISSUING_AUTHORITY, MOIT_ACCOUNT);
        register(VCCI, "VN", ISSUING_AUTHORITY, VCCI_ACCOUNT);
        register(DJBC, "ID", CUSTOMS, PRIOK);
        registry.authoriseAccount(DJBC, PERAK, DRAW);
        register(JKDM, "MY", CUSTOMS, KLANG);
    }

    function register(bytes16 party, bytes2 country, uint8 roles, address account) internal {
        registry.registerParty(party, country, roles);
        registry.authoriseAccount(party, account, roles == CUSTOMS ? DRAW : ANCHOR | STATUS);
    }

    /// @dev Anchors the first `newSize` of `leaves` as the next checkpoint of `account`'s log.
    function anchor(address account, bytes32[] memory leaves, uint64 oldSize, uint64 newSize)
        internal
        returns (bytes32 root)
    {
        root = NaiveLog.root(leaves, 0, newSize);
        bytes32[] memory proof =
            oldSize == 0 ? new bytes32[](0) : NaiveLog.consistency(leaves, oldSize, 0, newSize, false);
        vm.prank(account);
        ledger.anchor(oldSize, newSize, root, proof);
    }

    /// @dev One digest as the batch that the ledger takes.
    function one(bytes32 digest) internal pure returns (bytes32[] memory digests) {
        digests = new bytes32[](1);
        digests[0] = digest;
    }

    function allowanceOf(uint16 line, uint128 quantity) internal pure returns (IDrawdownLedger.Allowance memory) {
        return IDrawdownLedger.Allowance(bytes16(sha256(abi.encode(line))), line, "KGM", quantity, "ID");
    }

    function leafOf(IDrawdownLedger.Allowance memory allowance) internal view returns (bytes32) {
        return hashes.allowanceLeaf(
            allowance.salt, allowance.line, allowance.unit, allowance.quantity, allowance.importingCountry
        );
    }

    /// @dev A certificate of some claims and then these allowances.
    function certificate(IDrawdownLedger.Allowance[] memory allowances)
        internal
        view
        returns (bytes32[] memory leaves)
    {
        leaves = NaiveLog.someLeaves("claims", 5 + allowances.length);
        for (uint256 i = 0; i < allowances.length; ++i) leaves[5 + i] = leafOf(allowances[i]);
    }
}
