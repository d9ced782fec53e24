// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Timeline} from "../../contracts/libraries/Timeline.sol";
import {Checks} from "./Checks.sol";

/// @title Timeline: what was so at any second
/// @author Tulen
/// @notice Against the slow way: looking at every change.
contract TimelineTest is Checks {
    using Timeline for Timeline.Change[];

    Timeline.Change[] private changes;
    uint64[] private times;
    uint192[] private values;

    function test_beforeTheFirstChangeThereIsNothing() public {
        checkEqual("latest", changes.latest(), 0);
        checkEqual("at any time", changes.asOf(type(uint64).max), 0);
        vm.warp(1_000);
        changes.record(7);
        checkEqual("before", changes.asOf(999), 0);
        checkEqual("then", changes.asOf(1_000), 7);
        checkEqual("now", changes.latest(), 7);
    }

    function test_theLastChangeOfASecondCounts() public {
        vm.warp(1_000);
        changes.record(7);
        changes.record(8);
        checkEqual("one", changes.length, 1);
        checkEqual("the last", changes.asOf(1_000), 8);
        vm.warp(1_001);
        changes.record(0);
        checkEqual("before", changes.asOf(1_000), 8);
        checkEqual("nothing again", changes.latest(), 0);
    }

    function testFuzz_everySecondIsRemembered(uint8[24] memory pauses, uint192[24] memory what, uint16 asked)
        public
    {
        uint64 time = 1_000;
        for (uint256 i = 0; i < pauses.length; ++i) {
            time += pauses[i] % 4;
            vm.warp(time);
            changes.record(what[i]);
            times.push(time);
            values.push(what[i]);
        }
        uint64 second = uint64(between(asked, 995, time + 5));
        uint192 expected = 0;
        for (uint256 i = 0; i < times.length; ++i) {
            if (times[i] <= second) expected = values[i];
        }
        checkEqual("as of", changes.asOf(second), expected);
        checkEqual("latest", changes.latest(), what[23]);
    }
}
