// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title RFC 9162 section 2.1, word for word
/// @author Tulen
/// @notice What MerkleLog is measured against: recursive definitions for making, the RFC's own steps for
/// verifying, and no thought of gas.
library NaiveLog {
    function someLeaves(bytes32 seed, uint256 size) internal pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](size);
        for (uint256 i = 0; i < size; ++i) {
            leaves[i] = sha256(abi.encode(seed, i));
        }
    }

    /// @dev Section 2.1.1, over leaf hashes `from` to `to` (excluded).
    function root(bytes32[] memory leaves, uint256 from, uint256 to) internal pure returns (bytes32) {
        if (to - from == 1) return leaves[from];
        uint256 middle = from + split(to - from);
        return node(root(leaves, from, middle), root(leaves, middle, to));
    }

    /// @dev Section 2.1.3.1: PATH(index, D[from:to]).
    function path(bytes32[] memory leaves, uint256 index, uint256 from, uint256 to)
        internal
        pure
        returns (bytes32[] memory)
    {
        if (to - from == 1) return new bytes32[](0);
        uint256 k = split(to - from);
        return index < k
            ? appended(path(leaves, index, from, from + k), root(leaves, from + k, to))
            : appended(path(leaves, index - k, from + k, to), root(leaves, from, from + k));
    }

    /// @dev Section 2.1.4.1: SUBPROOF(oldSize, D[from:to], whole).
    function consistency(bytes32[] memory leaves, uint256 oldSize, uint256 from, uint256 to, bool whole)
        internal
        pure
        returns (bytes32[] memory)
    {
        if (oldSize == to - from) {
            return whole ? new bytes32[](0) : appended(new bytes32[](0), root(leaves, from, to));
        }
        uint256 k = split(to - from);
        return oldSize <= k
            ? appended(consistency(leaves, oldSize, from, from + k, whole), root(leaves, from + k, to))
            : appended(consistency(leaves, oldSize - k, from + k, to, false), root(leaves, from, from + k));
    }

    /// @dev Section 2.1.3.2.
    function includes(bytes32 leaf, uint256 index, uint256 size, bytes32[] memory proof, bytes32 rootHash)
        internal
        pure
        returns (bool)
    {
        if (index >= size) return false;
        (bool exact, bytes32 r) = walk(leaf, index, size - 1, proof);
        return exact && r == rootHash;
    }

    /// @dev Section 2.1.4.2.
    function consistent(
        uint256 oldSize,
        bytes32 oldRoot,
        uint256 newSize,
        bytes32 newRoot,
        bytes32[] memory proof
    ) internal pure returns (bool) {
        if (oldSize == 0 || oldSize >= newSize || proof.length == 0) return false;
        (bool exact, bytes32 fr, bytes32 sr) = walkBoth(oldSize, oldRoot, newSize, proof);
        return exact && fr == oldRoot && sr == newRoot;
    }

    /// @dev Steps 2 to 4 of section 2.1.3.2.
    function walk(bytes32 r, uint256 fn, uint256 sn, bytes32[] memory proof) internal pure returns (bool, bytes32) {
        for (uint256 i = 0; i < proof.length; ++i) {
            if (sn == 0) return (false, 0);
            if (fn % 2 == 1 || fn == sn) {
                r = node(proof[i], r);
                while (fn % 2 == 0 && fn != 0) (fn, sn) = (fn / 2, sn / 2);
            } else {
                r = node(r, proof[i]);
            }
            (fn, sn) = (fn / 2, sn / 2);
        }
        return (sn == 0, r);
    }

    /// @dev Steps 2 to 6 of section 2.1.4.2.
    function walkBoth(uint256 oldSize, bytes32 oldRoot, uint256 newSize, bytes32[] memory proof)
        internal
        pure
        returns (bool exact, bytes32 fr, bytes32 sr)
    {
        if (oldSize & (oldSize - 1) == 0) proof = prepended(oldRoot, proof);
        uint256 fn = oldSize - 1;
        uint256 sn = newSize - 1;
        while (fn % 2 == 1) (fn, sn) = (fn / 2, sn / 2);
        fr = sr = proof[0];
        for (uint256 i = 1; i < proof.length; ++i) {
            if (sn == 0) return (false, 0, 0);
            if (fn % 2 == 1 || fn == sn) {
                fr = node(proof[i], fr);
                sr = node(proof[i], sr);
                while (fn % 2 == 0 && fn != 0) (fn, sn) = (fn / 2, sn / 2);
            } else {
                sr = node(sr, proof[i]);
            }
            (fn, sn) = (fn / 2, sn / 2);
        }
        exact = sn == 0;
    }

    /// @dev How many siblings those steps take from node `fn` of a level whose last is `sn`.
    function siblings(uint256 fn, uint256 sn) internal pure returns (uint256 count) {
        while (sn != 0) {
            ++count;
            if (fn == sn) while (fn % 2 == 0) (fn, sn) = (fn / 2, sn / 2);
            (fn, sn) = (fn / 2, sn / 2);
        }
    }

    function node(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(uint8(1), left, right));
    }

    /// @dev The largest power of two smaller than `size`.
    function split(uint256 size) internal pure returns (uint256 k) {
        k = 1;
        while (k * 2 < size) k *= 2;
    }

    function appended(bytes32[] memory items, bytes32 item) internal pure returns (bytes32[] memory longer) {
        longer = new bytes32[](items.length + 1);
        for (uint256 i = 0; i < items.length; ++i) longer[i] = items[i];
        longer[items.length] = item;
    }

    function prepended(bytes32 item, bytes32[] memory items) internal pure returns (bytes32[] memory longer) {
        longer = new bytes32[](items.length + 1);
        longer[0] = item;
        for (uint256 i = 0; i < items.length; ++i) longer[i + 1] = items[i];
    }

    function shortened(bytes32[] memory items) internal pure returns (bytes32[] memory shorter) {
        shorter = new bytes32[](items.length - 1);
        for (uint256 i = 0; i < shorter.length; ++i) shorter[i] = items[i];
    }
}
