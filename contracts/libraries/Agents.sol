// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthorityRegistry} from "../interfaces/IAuthorityRegistry.sol";

/// @title Whom an account acts for, asked of the registry at the least cost
/// @author Tulen
/// @notice Every act of an authority or of customs begins with this question.
library Agents {
    /// @notice `registry.agentOf(account)`.
    /// @dev Without the compiler's checks of the answer (about 400 gas): the registry is our own and immutable.
    /// @param registry The registry.
    /// @param account The account.
    /// @return party The party's identifier.
    /// @return country The party's country.
    /// @return roles The party's roles; zero where the account acts for nobody.
    function agentOf(IAuthorityRegistry registry, address account)
        internal
        view
        returns (bytes16 party, bytes2 country, uint8 roles)
    {
        bytes4 selector = IAuthorityRegistry.agentOf.selector;
        assembly ("memory-safe") {
            let answer := mload(0x40)
            mstore(0, selector)
            mstore(4, account)
            if iszero(staticcall(gas(), registry, 0, 36, answer, 96)) { revert(0, 0) }
            party := mload(answer)
            country := mload(add(answer, 32))
            roles := mload(add(answer, 64))
        }
    }
}
