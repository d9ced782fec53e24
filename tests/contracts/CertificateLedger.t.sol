// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICertificateLedger} from "../../contracts/interfaces/ICertificateLedger.sol";
import {House} from "./House.sol";
import {NaiveLog} from "./NaiveLog.sol";

/// @title CertificateLedger: the log only grows, and what is final stays so
/// @author Tulen
/// @notice Two authorities, each with its own log.
contract CertificateLedgerTest is House {
    bytes32 private constant DIGEST = "a certificate";
    bytes32 private constant SUCCESSOR = "its successor";
    bytes32[] private none;
    bytes32[] private leaves;

    function setUp() public {
        build();
        leaves = NaiveLog.someLeaves("log", 12);
    }

    function test_theLedgerNamesItsRegistry() public view {
        checkEqual("registry", uint160(address(ledger.registry())), uint160(address(registry)));
    }

    function test_checkpointsFollowOneAnother() public {
        bytes32 first = NaiveLog.root(leaves, 0, 3);
        vm.prank(MOIT_ACCOUNT);
        vm.expectEmit(address(ledger));
        emit ICertificateLedger.CheckpointAnchored(MOIT, first, 3);
        ledger.anchor(0, 3, first, none);

        vm.warp(block.timestamp + 60);
        bytes32 second = anchor(MOIT_ACCOUNT, leaves, 3, 12);
        (uint64 size, bytes32 root) = ledger.head(MOIT);
        checkEqual("size", size, 12);
        checkEqual("root", root, second);
        checkEqual("anchored at", ledger.anchored(second).anchoredAt, block.timestamp);
        checkEqual("authority", ledger.anchored(second).authority, MOIT);
        checkEqual("the first one's size", ledger.anchored(first).size, 3);
        checkEqual("the first one's time", ledger.anchored(first).anchoredAt, block.timestamp - 60);
        (size, root) = ledger.head(VCCI);
        checkEqual("another log's size", size, 0);
        checkEqual("another log's root", root, 0);
    }

    function test_onlyAnIssuingAuthorityAnchorsAndDeclares() public {
        address[2] memory strangers = [NOBODY, PRIOK];
        for (uint256 i = 0; i < strangers.length; ++i) {
            bytes memory refusal =
                abi.encodeWithSelector(ICertificateLedger.CertificateLedgerNotAuthority.selector, strangers[i]);
            vm.prank(strangers[i]);
            vm.expectRevert(refusal);
            ledger.anchor(0, 3, DIGEST, none);
            vm.prank(strangers[i]);
            vm.expectRevert(refusal);
            ledger.revoke(one(DIGEST), 1);
            vm.prank(strangers[i]);
            vm.expectRevert(refusal);
            ledger.replace(DIGEST, SUCCESSOR, 5);
        }
    }

    function test_aWithdrawnAccountNoLongerAnchors() public {
        registry.withdrawAccount(MOIT, MOIT_ACCOUNT);
        vm.prank(MOIT_ACCOUNT);
        vm.expectRevert(
            abi.encodeWithSelector(ICertificateLedger.CertificateLedgerNotAuthority.selector, MOIT_ACCOUNT)
        );
        ledger.anchor(0, 3, DIGEST, none);
    }

    function test_theSlowerOfTwoWorkersIsRefused() public {
        anchor(MOIT_ACCOUNT, leaves, 0, 3);
        bytes32 root = NaiveLog.root(leaves, 0, 5);
        _expectRefusal(
            abi.encodeWithSelector(ICertificateLedger.CertificateLedgerStalePredecessor.selector, uint64(0), uint64(3))
        );
        ledger.anchor(0, 5, root, none);
    }

    function test_aCheckpointThatDoesNotGrowIsRefused() public {
        _expectRefusal(
            abi.encodeWithSelector(ICertificateLedger.CertificateLedgerNotGrown.selector, uint64(0), uint64(0))
        );
        ledger.anchor(0, 0, DIGEST, none);
        bytes32 root = anchor(MOIT_ACCOUNT, leaves, 0, 3);
        _expectRefusal(
            abi.encodeWithSelector(ICertificateLedger.CertificateLedgerNotGrown.selector, uint64(3), uint64(3))
        );
        ledger.anchor(3, 3, root, none);
    }

    function test_anotherHistoryIsRefused() public {
        bytes32 head = anchor(MOIT_ACCOUNT, leaves, 0, 3);
        leaves[1] = sha256("rewritten");
        bytes32 root = NaiveLog.root(leaves, 0, 5);
        bytes32[] memory proof = NaiveLog.consistency(leaves, 3, 0, 5, true);
        _expectRefusal(abi.encodeWithSelector(ICertificateLedger.CertificateLedgerInconsistent.selector, head, root));
        ledger.anchor(3, 5, root, proof);
    }

    function test_theFirstCheckpointTakesNoProof() public {
        bytes32 root = NaiveLog.root(leaves, 0, 3);
        _expectRefusal(
            abi.encodeWithSelector(ICertificateLedger.CertificateLedgerInconsistent.selector, bytes32(0), root)
        );
        ledger.anchor(0, 3, root, one(root));
    }

    function test_aRootIsAnchoredOnce() public {
        bytes32 root = anchor(MOIT_ACCOUNT, leaves, 0, 3);
        vm.prank(VCCI_ACCOUNT);
        vm.expectRevert(abi.encodeWithSelector(ICertificateLedger.CertificateLedgerRootTaken.selector, root));
        ledger.anchor(0, 3, root, none);
    }

    function test_aRootIsNotZeroAndASizeIsSane() public {
        _expectRefusal(abi.encodeWithSelector(ICertificateLedger.CertificateLedgerBadValue.selector, bytes32(0)));
        ledger.anchor(0, 3, 0, none);
        uint64 size = 1 << 48;
        _expectRefusal(
            abi.encodeWithSelector(ICertificateLedger.CertificateLedgerBadValue.selector, bytes32(uint256(size)))
        );
        ledger.anchor(0, size, DIGEST, none);
        vm.prank(MOIT_ACCOUNT);
        ledger.anchor(0, size - 1, DIGEST, none);
    }

    function test_aRevocationStandsWithReasonAndTime() public {
        vm.prank(MOIT_ACCOUNT);
        vm.expectEmit(address(ledger));
        emit ICertificateLedger.StatusChanged(MOIT, DIGEST, ICertificateLedger.State.Revoked, 1, 0);
        ledger.revoke(one(DIGEST), 1);
        _checkStatus(MOIT, ICertificateLedger.State.Revoked, 1, block.timestamp, 0);
        _checkStatus(VCCI, ICertificateLedger.State.Good, 0, 0, 0);
    }

    function test_aSuspensionEnds() public {
        vm.prank(MOIT_ACCOUNT);
        vm.expectEmit(address(ledger));
        emit ICertificateLedger.StatusChanged(MOIT, DIGEST, ICertificateLedger.State.Suspended, 7, 0);
        ledger.suspend(one(DIGEST), 7);
        _checkStatus(MOIT, ICertificateLedger.State.Suspended, 7, block.timestamp, 0);
        vm.warp(block.timestamp + 60);
        vm.prank(MOIT_ACCOUNT);
        vm.expectEmit(address(ledger));
        emit ICertificateLedger.StatusChanged(MOIT, DIGEST, ICertificateLedger.State.Good, 8, 0);
        ledger.resume(one(DIGEST), 8);
        _checkStatus(MOIT, ICertificateLedger.State.Good, 8, block.timestamp, 0);
    }

    function test_aReplacementNamesItsSuccessor() public {
        vm.prank(MOIT_ACCOUNT);
        vm.expectEmit(address(ledger));
        emit ICertificateLedger.StatusChanged(MOIT, DIGEST, ICertificateLedger.State.Replaced, 5, SUCCESSOR);
        ledger.replace(DIGEST, SUCCESSOR, 5);
        _checkStatus(MOIT, ICertificateLedger.State.Replaced, 5, block.timestamp, SUCCESSOR);
    }

    function test_everyTransitionIsEitherAllowedOrRefused() public {
        // From Good, Revoked, Suspended, Replaced, in the order of the enum, to the same.
        bool[4][4] memory allowed = [
            [false, true, true, true],
            [false, false, false, false],
            [true, true, false, true],
            [false, false, false, false]
        ];
        for (uint8 from = 0; from < 4; ++from) {
            for (uint8 to = 0; to < 4; ++to) {
                bytes32 digest = keccak256(abi.encode(from, to));
                if (from != 0) {
                    check("prepared", _declare(digest, ICertificateLedger.State(from), ""));
                }
                bytes memory refusal = abi.encodeWithSelector(
                    ICertificateLedger.CertificateLedgerBadTransition.selector, digest, from, to
                );
                check("allowed", _declare(digest, ICertificateLedger.State(to), refusal) == allowed[from][to]);
                uint8 state = uint8(ledger.statusOf(MOIT, digest).state);
                checkEqual("state", state, allowed[from][to] ? to : from);
            }
        }
    }

    function test_aBatchChangesAllOrNone() public {
        bytes32[] memory digests = new bytes32[](2);
        (digests[0], digests[1]) = (SUCCESSOR, DIGEST);
        vm.prank(MOIT_ACCOUNT);
        ledger.revoke(one(DIGEST), 1);
        _expectRefusal(
            abi.encodeWithSelector(
                ICertificateLedger.CertificateLedgerBadTransition.selector,
                DIGEST,
                ICertificateLedger.State.Revoked,
                ICertificateLedger.State.Suspended
            )
        );
        ledger.suspend(digests, 7);
        checkEqual("the other", uint8(ledger.statusOf(MOIT, SUCCESSOR).state), 0);
        digests[1] = "a third";
        vm.prank(MOIT_ACCOUNT);
        ledger.suspend(digests, 7);
        checkEqual("both", uint8(ledger.statusOf(MOIT, "a third").state), 2);
    }

    function test_aDigestAndASuccessorAreSomething() public {
        _expectRefusal(abi.encodeWithSelector(ICertificateLedger.CertificateLedgerBadValue.selector, bytes32(0)));
        ledger.revoke(one(0), 1);
        _expectRefusal(abi.encodeWithSelector(ICertificateLedger.CertificateLedgerBadValue.selector, bytes32(0)));
        ledger.replace(DIGEST, 0, 5);
        _expectRefusal(abi.encodeWithSelector(ICertificateLedger.CertificateLedgerBadValue.selector, DIGEST));
        ledger.replace(DIGEST, DIGEST, 5);
    }

    function test_theEvidenceIsAllThatAVerifierAsks() public {
        bytes32 key = "an Ed25519 key";
        registry.addKey(MOIT, key, 100, 200);
        registry.grantMandate(MOIT, "ATIGA", "D", 300, 400);
        bytes32 root = anchor(MOIT_ACCOUNT, leaves, 0, 3);
        vm.prank(MOIT_ACCOUNT);
        ledger.replace(DIGEST, SUCCESSOR, 5);
        ICertificateLedger.Evidence memory evidence = ledger.evidence(MOIT, root, DIGEST, key, "ATIGA", "D");
        checkEqual("block", evidence.blockNumber, block.number);
        checkEqual("time", evidence.blockTime, block.timestamp);
        checkEqual("anchored", keccak256(abi.encode(evidence.anchored)), keccak256(abi.encode(ledger.anchored(root))));
        bytes memory status = abi.encode(ledger.statusOf(MOIT, DIGEST));
        checkEqual("status", keccak256(abi.encode(evidence.status)), keccak256(status));
        checkEqual("party", keccak256(abi.encode(evidence.party)), keccak256(abi.encode(registry.partyOf(MOIT))));
        checkEqual("key until", evidence.key.until, 200);
        checkEqual("mandate until", evidence.mandate.until, 400);
    }

    function test_theEvidenceOfNothingIsNothing() public view {
        ICertificateLedger.Evidence memory evidence = ledger.evidence("nobody", DIGEST, DIGEST, DIGEST, "ATIGA", "D");
        checkEqual("anchored", evidence.anchored.size, 0);
        checkEqual("status", evidence.status.since, 0);
        checkEqual("party", evidence.party.registeredAt, 0);
        checkEqual("key", evidence.key.since, 0);
        checkEqual("mandate", evidence.mandate.since, 0);
    }

    /// @dev Whether the change was made; otherwise it must have been refused with `refusal`.
    function _declare(bytes32 digest, ICertificateLedger.State to, bytes memory refusal) private returns (bool done) {
        bytes memory call = to == ICertificateLedger.State.Good
            ? abi.encodeCall(ledger.resume, (one(digest), 8))
            : to == ICertificateLedger.State.Revoked
                ? abi.encodeCall(ledger.revoke, (one(digest), 1))
                : to == ICertificateLedger.State.Suspended
                    ? abi.encodeCall(ledger.suspend, (one(digest), 7))
                    : abi.encodeCall(ledger.replace, (digest, SUCCESSOR, 5));
        bytes memory answer;
        vm.prank(MOIT_ACCOUNT);
        (done, answer) = address(ledger).call(call);
        if (!done) checkEqual("refusal", keccak256(answer), keccak256(refusal));
    }

    function _checkStatus(
        bytes16 authority,
        ICertificateLedger.State state,
        uint8 reason,
        uint256 since,
        bytes32 successor
    ) private view {
        ICertificateLedger.Status memory status = ledger.statusOf(authority, DIGEST);
        checkEqual("state", uint8(status.state), uint8(state));
        checkEqual("reason", status.reason, reason);
        checkEqual("since", status.since, since);
        checkEqual("successor", status.successor, successor);
    }

    function _expectRefusal(bytes memory refusal) private {
        vm.prank(MOIT_ACCOUNT);
        vm.expectRevert(refusal);
    }
}
