// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MerkleLog} from "../../contracts/libraries/MerkleLog.sol";
import {NaiveLog} from "./NaiveLog.sol";

/// @title The library's functions, callable from outside
/// @author Tulen
/// @notice For tests only; never deployed.
contract MerkleLogHarness {
    function entryLeaf(uint8 kind, bytes32 digest) external view returns (bytes32) {
        return MerkleLog.entryLeaf(kind, digest);
    }

    function allowanceLeaf(bytes16 salt, uint16 line, bytes3 unit, uint128 quantity, bytes2 importingCountry)
        external
        view
        returns (bytes32)
    {
        return MerkleLog.allowanceLeaf(salt, line, unit, quantity, importingCountry);
    }

    function rootFrom(bytes32 leaf, uint256 index, uint256 size, bytes32[] calldata path)
        external
        view
        returns (bytes32)
    {
        return MerkleLog.rootFrom(leaf, index, size, path);
    }

    function verifyInclusion(bytes32 leaf, uint256 index, uint256 size, bytes32[] calldata path, bytes32 root)
        external
        view
        returns (bool)
    {
        return root != 0 && MerkleLog.rootFrom(leaf, index, size, path) == root;
    }

    function rootBefore(uint256 oldSize, uint256 newSize, bytes32 newRoot, bytes32[] calldata proof)
        external
        view
        returns (bytes32)
    {
        return MerkleLog.rootBefore(oldSize, newSize, newRoot, proof);
    }

    /// @dev Takes the proof in the RFC's own form.
    function verifyConsistency(
        uint256 oldSize,
        bytes32 oldRoot,
        uint256 newSize,
        bytes32 newRoot,
        bytes32[] calldata proof
    ) external view returns (bool) {
        bool given = oldSize != 0 && oldSize & (oldSize - 1) != 0;
        bytes32[] memory whole = given ? proof : NaiveLog.prepended(oldRoot, proof);
        return oldRoot != 0 && this.rootBefore(oldSize, newSize, newRoot, whole) == oldRoot;
    }
}
