// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthorityRegistry} from "../interfaces/IAuthorityRegistry.sol";

/// @title Whom an account acts for, asked of the registry at the least cost
/// @author Tulen
/// @notice Every act of an authority or of customs begins with one of these questions. They are asked without
/// the compiler's checks of the answer (about 400 gas): the registry is our own and immutable.
library Agents {
    /// @notice `registry.rolesOf(account)`.
    /// @param registry The registry.
    /// @param account The account.
    /// @return party The party's identifier.
    /// @return country The party's country.
    /// @return roles The account's roles; zero where it acts for nobody.
    function rolesOf(IAuthorityRegistry registry, address account)
        internal
        view
        returns (bytes16 party, bytes2 country, uint8 roles)
    {
        (bytes32 first, bytes32 second, uint256 third) =
            _ask(registry, IAuthorityRegistry.rolesOf.selector, account, 0);
        return (bytes16(first), bytes2(second), uint8(third));
    }

    /// @notice `registry.authorityOf(account)`.
    /// @param registry The registry.
    /// @param account The account.
    /// @return authority The authority whose log the account anchors, or zero.
    /// @return paused Whether its issuing is paused.
    function authorityOf(IAuthorityRegistry registry, address account)
        internal
        view
        returns (bytes16 authority, bool paused)
    {
        (bytes32 first, bytes32 second,) = _ask(registry, IAuthorityRegistry.authorityOf.selector, account, 0);
        return (bytes16(first), second != 0);
    }

    /// @notice `registry.drawingCustomsOf(account, authority)`.
    /// @param registry The registry.
    /// @param account The account.
    /// @param authority The issuing authority.
    /// @return customs The customs that the account draws for, or zero.
    /// @return country Its country.
    /// @return recognised Whether that country recognises the authority.
    function drawingCustomsOf(IAuthorityRegistry registry, address account, bytes16 authority)
        internal
        view
        returns (bytes16 customs, bytes2 country, bool recognised)
    {
        (bytes32 first, bytes32 second, uint256 third) =
            _ask(registry, IAuthorityRegistry.drawingCustomsOf.selector, account, authority);
        return (bytes16(first), bytes2(second), third != 0);
    }

    /// @dev Up to three words of what the registry answers. All of its answers here are of fixed size.
    function _ask(IAuthorityRegistry registry, bytes4 selector, address account, bytes16 party)
        private
        view
        returns (bytes32 first, bytes32 second, uint256 third)
    {
        assembly ("memory-safe") {
            let answer := mload(0x40)
            mstore(answer, selector)
            mstore(add(answer, 4), account)
            mstore(add(answer, 36), party)
            if iszero(staticcall(gas(), registry, answer, 68, answer, 96)) { revert(0, 0) }
            first := mload(answer)
            second := mload(add(answer, 32))
            third := mload(add(answer, 64))
        }
    }
}
