// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title A value that keeps what it was before
/// @author Tulen
/// @notice Changes in order of block time, one slot each; before the first, and where nothing was ever said,
/// the value is zero.
library Timeline {
    /// @notice From `since` on, the value is `value`.
    struct Change {
        uint64 since;
        uint192 value;
    }

    /// @notice Changes the value from this block on; of several changes in one second the last counts.
    /// @param changes The timeline.
    /// @param value The value.
    function record(Change[] storage changes, uint192 value) internal {
        uint256 count = changes.length;
        if (count != 0 && changes[count - 1].since == block.timestamp) changes[count - 1].value = value;
        else changes.push(Change(uint64(block.timestamp), value));
    }

    /// @notice The value now.
    /// @param changes The timeline.
    /// @return value The value; zero before the first change.
    function latest(Change[] storage changes) internal view returns (uint192 value) {
        uint256 count = changes.length;
        return count == 0 ? 0 : changes[count - 1].value;
    }

    /// @notice The value at the end of the second `time`.
    /// @param changes The timeline.
    /// @param time Block time.
    /// @return value The value; zero before the first change.
    function asOf(Change[] storage changes, uint64 time) internal view returns (uint192 value) {
        uint256 low = 0;
        uint256 high = changes.length;
        // Invariant: all before `low` are not later than `time`, all from `high` on are.
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (changes[middle].since <= time) low = middle + 1;
            else high = middle;
        }
        return low == 0 ? 0 : changes[low - 1].value;
    }
}
