// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title RFC 9162 Merkle trees over SHA-256: inclusion and consistency
/// @author Tulen
/// @notice Proofs are exact: one hash too many or too few, an index beyond the tree or a size
/// beyond `MAX_SIZE` verifies nothing. Leaf hashes begin with 0x00 and inner nodes with 0x01, so
/// neither passes for the other (RFC 9162 section 2.1.1).
/// @dev A node is hashed in temporary memory behind the free pointer: 0x01, left child, right child.
/// The precompile's success is not asked for: it fails only for want of its 96 gas, and then at most
/// one gas is left here (EIP-150), with which nothing goes on.
library MerkleLog {
    /// @notice Largest tree: far beyond any log, and small enough that no arithmetic here can wrap.
    uint256 internal constant MAX_SIZE = 0xffffffffffff;

    /// @notice The leaf hash of a log entry: `SHA-256(0x00 || kind || digest)` (docs/specs/log.md, section 1).
    /// @param kind Kind of the entry.
    /// @param digest What was issued.
    /// @return leaf The leaf hash.
    function entryLeaf(uint8 kind, bytes32 digest) internal view returns (bytes32 leaf) {
        assembly ("memory-safe") {
            mstore(0, shl(240, kind))
            mstore(2, digest)
            pop(staticcall(gas(), 2, 0, 34, 0, 32))
            leaf := mload(0)
        }
    }

    /// @notice The leaf hash of an allowance (docs/specs/certificate.md, section 4).
    /// @param salt Blinds the leaf.
    /// @param line Line number.
    /// @param unit UN/ECE Recommendation 20 code, padded with zeros.
    /// @param quantity Millionths of the unit.
    /// @param importingCountry ISO 3166-1 alpha-2 code.
    /// @return leaf The leaf hash.
    function allowanceLeaf(bytes16 salt, uint16 line, bytes3 unit, uint128 quantity, bytes2 importingCountry)
        internal
        view
        returns (bytes32 leaf)
    {
        assembly ("memory-safe") {
            let packed := mload(0x40)
            // Each word overwrites what the one before has too much: 2 + 16 + 2 + 3 + 16 + 2 bytes.
            mstore(packed, shl(240, 1))
            mstore(add(packed, 2), salt)
            mstore(add(packed, 18), shl(240, line))
            mstore(add(packed, 20), unit)
            mstore(add(packed, 23), shl(128, quantity))
            mstore(add(packed, 39), importingCountry)
            pop(staticcall(gas(), 2, packed, 41, 0, 32))
            leaf := mload(0)
        }
    }

    /// @notice The root that an inclusion proof leads to (RFC 9162 section 2.1.3.2, steps 1 to 4).
    /// @param leaf The leaf hash.
    /// @param index Index of the leaf, from zero.
    /// @param size Number of leaves of the tree.
    /// @param path The inclusion proof.
    /// @return root The root, or zero where `path` is no proof for that index and size.
    function rootFrom(bytes32 leaf, uint256 index, uint256 size, bytes32[] calldata path)
        internal
        view
        returns (bytes32 root)
    {
        if (index >= size || size > MAX_SIZE) return 0;
        (uint256 length, uint256 rights) = _shape(index, size - 1);
        if (path.length != length) return 0;
        root = leaf;
        assembly ("memory-safe") {
            // So that the two children differ by one bit of their place.
            let left := and(add(mload(0x40), 127), not(63))
            let node := sub(left, 1)
            mstore8(node, 1)
            let next := path.offset
            for {} gt(rights, 3) { rights := shr(2, rights) } {
                // Two levels in one turn.
                let place := or(left, shl(5, iszero(and(rights, 1))))
                mstore(place, root)
                mstore(xor(place, 32), calldataload(next))
                pop(staticcall(gas(), 2, node, 65, 0, 32))
                place := or(left, shl(5, iszero(and(rights, 2))))
                mstore(place, mload(0))
                mstore(xor(place, 32), calldataload(add(next, 32)))
                pop(staticcall(gas(), 2, node, 65, 0, 32))
                root := mload(0)
                next := add(next, 64)
            }
            if xor(rights, 1) {
                let place := or(left, shl(5, iszero(and(rights, 1))))
                mstore(place, root)
                mstore(xor(place, 32), calldataload(next))
                pop(staticcall(gas(), 2, node, 65, 0, 32))
                root := mload(0)
            }
        }
    }

    /// @notice The root of the tree that another one grew out of (RFC 9162 section 2.1.4.2).
    /// @dev One pass recomputes both roots: the old one in `oldRight`, the new one in `newRight`.
    /// @param oldSize Number of leaves of the old tree; at least one.
    /// @param newSize Number of leaves of the new tree; more than `oldSize`.
    /// @param newRoot Root of the new tree.
    /// @param proof The consistency proof, which begins with the old root where the RFC leaves that out: where
    /// `oldSize` is a power of two.
    /// @return oldRoot The one root of `oldSize` leaves that the new tree can have grown out of, or zero where
    /// `proof` proves nothing of these sizes and that root.
    function rootBefore(uint256 oldSize, uint256 newSize, bytes32 newRoot, bytes32[] calldata proof)
        internal
        view
        returns (bytes32 oldRoot)
    {
        uint256 index;
        uint256 last;
        bool sane;
        assembly ("memory-safe") {
            sane := and(and(gt(oldSize, 0), lt(oldSize, newSize)), iszero(gt(newSize, MAX_SIZE)))
            // Both recomputations begin at the largest full subtree that ends the old tree.
            let full := and(oldSize, sub(0, oldSize))
            index := div(sub(oldSize, 1), full)
            last := div(sub(newSize, 1), full)
        }
        (uint256 length, uint256 rights) = _shape(index, last);
        assembly ("memory-safe") {
            sane := and(sane, eq(proof.length, add(length, 1)))
        }
        if (!sane) return 0;
        assembly ("memory-safe") {
            let oldNode := mload(0x40)
            let oldLeft := add(oldNode, 32)
            let oldRight := add(oldNode, 64)
            let newLeft := add(oldNode, 128)
            let newRight := add(oldNode, 160)
            mstore(oldNode, 1)
            mstore(add(oldNode, 96), 1)
            let newNode := add(oldNode, 127)
            oldNode := add(oldNode, 31)
            let next := add(proof.offset, 32)
            mstore(oldRight, calldataload(proof.offset))
            mstore(newRight, calldataload(proof.offset))
            for {} 1 { rights := shr(1, rights) } {
                // A left sibling is in both trees. They often come in rows, so two are taken in one turn.
                for {} iszero(and(rights, 3)) { rights := shr(2, rights) } {
                    let sibling := calldataload(next)
                    mstore(oldLeft, sibling)
                    mstore(newLeft, sibling)
                    pop(staticcall(gas(), 2, oldNode, 65, oldRight, 32))
                    pop(staticcall(gas(), 2, newNode, 65, newRight, 32))
                    sibling := calldataload(add(next, 32))
                    mstore(oldLeft, sibling)
                    mstore(newLeft, sibling)
                    pop(staticcall(gas(), 2, oldNode, 65, oldRight, 32))
                    pop(staticcall(gas(), 2, newNode, 65, newRight, 32))
                    next := add(next, 64)
                }
                if eq(rights, 1) { break }
                let sibling := calldataload(next)
                next := add(next, 32)
                switch and(rights, 1)
                case 0 {
                    mstore(oldLeft, sibling)
                    mstore(newLeft, sibling)
                    pop(staticcall(gas(), 2, oldNode, 65, oldRight, 32))
                }
                default {
                    // A right one is only in the new tree.
                    mstore(newLeft, mload(newRight))
                    mstore(newRight, sibling)
                }
                pop(staticcall(gas(), 2, newNode, 65, newRight, 32))
            }
            oldRoot := mul(mload(oldRight), eq(mload(newRight), newRoot))
        }
    }

    /// @dev What the way from node `index` to the root meets, in a level whose last node is `last`.
    /// Up to the level where the node's ancestor is the last one, every level has a sibling, on the left
    /// where the index has a one; from there on only the ones have, all of them on the left.
    /// @param index Index of the node in its level.
    /// @param last Index of the last node of that level, at most 48 bits.
    /// @return length Number of siblings.
    /// @return rights From the lowest bit on, a one for each sibling on the right and a zero for each on the
    /// left; after the last sibling, a one that ends the loop.
    function _shape(uint256 index, uint256 last) private pure returns (uint256 length, uint256 rights) {
        unchecked {
            uint256 below = index ^ last;
            below |= below >> 1;
            below |= below >> 2;
            below |= below >> 4;
            below |= below >> 8;
            below |= below >> 16;
            below |= below >> 32;
            // Counts the ones: in pairs, fours, bytes, and all six bytes by one multiplication.
            length = index | below;
            length -= (length >> 1) & 0x555555555555;
            length = (length & 0x333333333333) + ((length >> 2) & 0x333333333333);
            length = (length + (length >> 4)) & 0x0f0f0f0f0f0f;
            length = ((length * 0x010101010101) >> 40) & 0xff;
            rights = (below & ~index) | (1 << length);
        }
    }
}
