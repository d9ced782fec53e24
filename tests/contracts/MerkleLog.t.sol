// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Checks} from "./Checks.sol";
import {MerkleLogHarness} from "./MerkleLogHarness.sol";
import {NaiveLog} from "./NaiveLog.sol";

/// @title MerkleLog against the RFC's own words
/// @author Tulen
/// @notice Trees of up to 130 leaves, whole and with one thing changed.
contract MerkleLogTest is Checks {
    uint256 private constant LARGEST = 130;
    MerkleLogHarness private log;

    function setUp() public {
        log = new MerkleLogHarness();
    }

    function test_leafHashesAreThoseOfTheSpecifications() public view {
        bytes32 digest = sha256("certificate");
        checkEqual("entry", log.entryLeaf(1, digest), sha256(abi.encodePacked(hex"0001", digest)));
        checkEqual(
            "allowance",
            log.allowanceLeaf(bytes16(hex"000102030405060708090a0b0c0d0e0f"), 258, "KGM", 1_000_000_000, "ID"),
            sha256(
                hex"0001" hex"000102030405060708090a0b0c0d0e0f" hex"0102" hex"4b474d"
                hex"0000000000000000000000003b9aca00" hex"4944"
            )
        );
    }

    /// hardhat-config: fuzz.runs = 400
    function testFuzz_everyLeafIsIncluded(uint256 size, uint256 index, bytes32 seed) public view {
        size = between(size, 1, LARGEST);
        index = between(index, 0, size - 1);
        bytes32[] memory leaves = NaiveLog.someLeaves(seed, size);
        bytes32[] memory path = NaiveLog.path(leaves, index, 0, size);
        checkEqual("root", log.rootFrom(leaves[index], index, size, path), NaiveLog.root(leaves, 0, size));
    }

    /// hardhat-config: fuzz.runs = 400
    function testFuzz_everyOlderTreeIsConsistent(uint256 oldSize, uint256 newSize, bytes32 seed) public view {
        newSize = between(newSize, 2, LARGEST);
        oldSize = between(oldSize, 1, newSize - 1);
        bytes32[] memory leaves = NaiveLog.someLeaves(seed, newSize);
        check(
            "consistent",
            log.verifyConsistency(
                oldSize,
                NaiveLog.root(leaves, 0, oldSize),
                newSize,
                NaiveLog.root(leaves, 0, newSize),
                NaiveLog.consistency(leaves, oldSize, 0, newSize, true)
            )
        );
    }

    /// hardhat-config: fuzz.runs = 1000
    function testFuzz_aChangedInclusionProofIsJudgedAsTheRfcDoes(
        uint256 size,
        uint256 index,
        bytes32 seed,
        uint8 lie,
        uint256 random
    ) public view {
        size = between(size, 1, LARGEST);
        index = between(index, 0, size - 1);
        bytes32[] memory leaves = NaiveLog.someLeaves(seed, size);
        bytes32 leaf = leaves[index];
        bytes32 root = NaiveLog.root(leaves, 0, size);
        bytes32[] memory path = NaiveLog.path(leaves, index, 0, size);
        lie %= 6;
        if (lie == 0) leaf ^= bytes32(1 << (random % 256));
        if (lie == 1) root ^= bytes32(1 << (random % 256));
        if (lie == 2) path = _changed(path, random);
        if (lie == 3) index = _other(index, between(random, 0, LARGEST));
        if (lie == 4) (index, path) = (index + size, path);
        if (lie == 5) size = between(random, 0, LARGEST);
        bool included = log.verifyInclusion(leaf, index, size, path, root);
        check("as the RFC", included == NaiveLog.includes(leaf, index, size, path, root));
        check("a lie is caught", lie == 5 || !included);
    }

    /// hardhat-config: fuzz.runs = 1000
    function testFuzz_aChangedConsistencyProofIsJudgedAsTheRfcDoes(
        uint256 oldSize,
        uint256 newSize,
        bytes32 seed,
        uint8 lie,
        uint256 random
    ) public view {
        newSize = between(newSize, 2, LARGEST);
        oldSize = between(oldSize, 1, newSize - 1);
        bytes32[] memory leaves = NaiveLog.someLeaves(seed, newSize);
        bytes32 oldRoot = NaiveLog.root(leaves, 0, oldSize);
        bytes32 newRoot = NaiveLog.root(leaves, 0, newSize);
        bytes32[] memory proof = NaiveLog.consistency(leaves, oldSize, 0, newSize, true);
        lie %= 6;
        if (lie == 0) oldRoot ^= bytes32(1 << (random % 256));
        if (lie == 1) newRoot ^= bytes32(1 << (random % 256));
        if (lie == 2) proof = _changed(proof, random);
        if (lie == 3) oldSize = between(random, 0, LARGEST);
        if (lie == 4) newSize = between(random, 0, LARGEST);
        if (lie == 5) (oldSize, newSize) = (newSize, oldSize);
        bool verdict = log.verifyConsistency(oldSize, oldRoot, newSize, newRoot, proof);
        check("as the RFC", verdict == NaiveLog.consistent(oldSize, oldRoot, newSize, newRoot, proof));
        check("a lie is caught", lie == 3 || lie == 4 || !verdict);
    }

    /// @dev Sizes with few ones leave long gaps between siblings, so these are sums of two powers of two.
    function testFuzz_largeTreesAreWalkedAsTheRfcDoes(uint8 high, uint8 low, uint256 index, bytes32 seed)
        public
        view
    {
        uint256 size = (1 << between(high, 1, 47)) + (1 << between(low, 0, 46));
        index = index % 3 == 0 ? size - 1 : between(index, 0, size - 1);
        bytes32[] memory path = NaiveLog.someLeaves(seed, NaiveLog.siblings(index, size - 1));
        (bool exact, bytes32 root) = NaiveLog.walk(seed, index, size - 1, path);
        check("exact", exact);
        checkEqual("root", log.rootFrom(seed, index, size, path), root);
        checkEqual("one more", log.rootFrom(seed, index, size, NaiveLog.appended(path, seed)), 0);
    }

    function testFuzz_largeTreesAreConsistentAsTheRfcSays(uint8 high, uint8 low, uint256 oldSize, bytes32 seed)
        public
        view
    {
        uint256 newSize = (1 << between(high, 1, 47)) + (1 << between(low, 0, 46));
        oldSize = oldSize % 3 == 0 ? NaiveLog.split(newSize) : between(oldSize, 1, newSize - 1);
        uint256 full = oldSize & (~oldSize + 1);
        uint256 count = NaiveLog.siblings((oldSize - 1) / full, (newSize - 1) / full);
        bytes32[] memory proof = NaiveLog.someLeaves(seed, full == oldSize ? count : count + 1);
        (bool exact, bytes32 oldRoot, bytes32 newRoot) = NaiveLog.walkBoth(oldSize, seed, newSize, proof);
        check("exact", exact);
        check("consistent", log.verifyConsistency(oldSize, oldRoot, newSize, newRoot, proof));
        proof = NaiveLog.appended(proof, seed);
        check("one more", !log.verifyConsistency(oldSize, oldRoot, newSize, newRoot, proof));
    }

    function test_sizesBeyondTheMaximumVerifyNothing() public view {
        bytes32 leaf = sha256("leaf");
        bytes32[] memory path = new bytes32[](48);
        uint256 maximum = (1 << 48) - 1;
        check("deepest tree", log.rootFrom(leaf, 0, maximum, path) != 0);
        checkEqual("one more", log.rootFrom(leaf, 0, maximum + 1, path), 0);
        checkEqual("wrapping", log.rootFrom(leaf, 0, type(uint256).max, new bytes32[](256)), 0);

        bytes32 oldRoot = sha256("root");
        bytes32[] memory proof = new bytes32[](1);
        bytes32 newRoot = NaiveLog.node(oldRoot, 0);
        check("half of it", log.verifyConsistency(1 << 46, oldRoot, 1 << 47, newRoot, proof));
        check("one more", !log.verifyConsistency(1 << 47, oldRoot, 1 << 48, newRoot, proof));
    }

    function test_anEmptyTreeHoldsNothingAndPrecedesNothing() public view {
        bytes32[] memory none = new bytes32[](0);
        checkEqual("inclusion", log.rootFrom(sha256("leaf"), 0, 0, none), 0);
        check("consistency", !log.verifyConsistency(0, 0, 1, sha256("leaf"), none));
        check("with itself", !log.verifyConsistency(1, sha256("leaf"), 1, sha256("leaf"), none));
    }

    function _other(uint256 value, uint256 candidate) private pure returns (uint256) {
        return candidate == value ? candidate + 1 : candidate;
    }

    /// @dev One bit flipped, one hash fewer or one more.
    function _changed(bytes32[] memory proof, uint256 random) private pure returns (bytes32[] memory) {
        if (proof.length == 0 || random % 3 == 0) return NaiveLog.appended(proof, bytes32(random));
        if (random % 3 == 1) return NaiveLog.shortened(proof);
        proof[(random >> 8) % proof.length] ^= bytes32(1 << (random >> 128) % 256);
        return proof;
    }
}
