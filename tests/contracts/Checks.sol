// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The cheat codes of the test runner that these tests use
/// @author Tulen
/// @notice Foundry's names; Hardhat answers to them at the same address.
interface Vm {
    function expectEmit(address emitter) external;
    function expectRevert(bytes calldata data) external;
    function prank(address sender) external;
    function warp(uint256 timestamp) external;
}

/// @title What every test contract begins with
/// @author Tulen
/// @notice Checks that name what they compare.
abstract contract Checks {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    error NotEqual(string what, bytes32 actual, bytes32 expected);
    error NotTrue(string what);

    function checkEqual(string memory what, uint256 actual, uint256 expected) internal pure {
        checkEqual(what, bytes32(actual), bytes32(expected));
    }

    function checkEqual(string memory what, bytes32 actual, bytes32 expected) internal pure {
        if (actual != expected) revert NotEqual(what, actual, expected);
    }

    function check(string memory what, bool condition) internal pure {
        if (!condition) revert NotTrue(what);
    }

    /// @dev A number from `least` to `most`, as even as `random` is.
    function between(uint256 random, uint256 least, uint256 most) internal pure returns (uint256) {
        return least + random % (most - least + 1);
    }
}
