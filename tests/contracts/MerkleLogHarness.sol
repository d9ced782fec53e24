// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MerkleLog} from "../../contracts/libraries/MerkleLog.sol";

/// @title The library's functions, callable from outside
/// @author Tulen
/// @notice For tests only; never deployed.
contract MerkleLogHarness {
    function entryLeaf(uint8 kind, bytes32 digest) external pure returns (bytes32) {
        return MerkleLog.entryLeaf(kind, digest);
    }

    function allowanceLeaf(bytes16 salt, uint16 line, bytes3 unit, uint128 quantity, bytes2 importingCountry)
        external
        pure
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

    function verifyConsistency(
        uint256 oldSize,
        bytes32 oldRoot,
        uint256 newSize,
        bytes32 newRoot,
        bytes32[] calldata proof
    ) external view returns (bool) {
        return MerkleLog.verifyConsistency(oldSize, oldRoot, newSize, newRoot, proof);
    }
}
