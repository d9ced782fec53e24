// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title An account of several owners, as small as can be
/// @author Tulen
/// @notice For tests only. What enough owners have asked for in the same words, it does.
contract MultiSignature {
    uint256 private immutable _needed;
    mapping(address owner => bool) private _owners;
    mapping(bytes32 request => mapping(address owner => bool)) private _asked;
    mapping(bytes32 request => uint256 count) private _count;

    error NotAnOwner(address account);

    constructor(address[] memory owners, uint256 needed) {
        _needed = needed;
        for (uint256 i = 0; i < owners.length; ++i) _owners[owners[i]] = true;
    }

    /// @notice Asks for a call, and makes it if the caller is the last of those that are needed.
    function ask(address target, bytes calldata call) external returns (bool done) {
        if (!_owners[msg.sender]) revert NotAnOwner(msg.sender);
        bytes32 request = keccak256(abi.encode(target, call));
        if (!_asked[request][msg.sender]) {
            _asked[request][msg.sender] = true;
            ++_count[request];
        }
        if (_count[request] < _needed) return false;
        delete _count[request];
        bytes memory answer;
        (done, answer) = target.call(call);
        if (!done) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
    }
}
