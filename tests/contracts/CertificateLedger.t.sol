// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ANCHOR, STATUS} from "../../contracts/interfaces/IAuthorityRegistry.sol";
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
        (uint64 size, bytes32 checkpoint) = ledger.head(MOIT);
        checkEqual("size", size, 12);
        checkEqual("head", checkpoint, keccak256(abi.encodePacked(second, uint64(12))));
        checkEqual("anchored at", ledger.anchored(MOIT, second, 12), block.timestamp);
        checkEqual("under another size", ledger.anchored(MOIT, second, 11), 0);
        checkEqual("in another log", ledger.anchored(VCCI, second, 12), 0);
        checkEqual("the first one", ledger.anchored(MOIT, first, 3), block.timestamp - 60);
        (size, checkpoint) = ledger.head(VCCI);
        checkEqual("another log's size", size, 0);
        checkEqual("another log's head", checkpoint, 0);
    }

    function test_twoLogsMayHoldTheSameRootAndNobodyIsInFrontOfAnybody() public {
        bytes32 root = anchor(VCCI_ACCOUNT, leaves, 0, 3);
        anchor(MOIT_ACCOUNT, leaves, 0, 3);
        checkEqual("one's", ledger.anchored(VCCI, root, 3), block.timestamp);
        checkEqual("the other's", ledger.anchored(MOIT, root, 3), block.timestamp);
    }

    function test_eachActNeedsItsAccountRole() public {
        registry.authoriseAccount(MOIT, NOBODY, STATUS);
        bytes memory refusal =
            abi.encodeWithSelector(ICertificateLedger.CertificateLedgerNotAuthority.selector, NOBODY);
        vm.prank(NOBODY);
        ledger.revoke(DIGEST, 1);
        vm.prank(NOBODY);
        vm.expectRevert(refusal);
        ledger.anchor(0, 3, DIGEST, none);
        registry.authoriseAccount(MOIT, NOBODY, ANCHOR);
        vm.prank(NOBODY);
        ledger.anchor(0, 3, DIGEST, none);
        vm.prank(NOBODY);
        vm.expectRevert(refusal);
        ledger.revoke(SUCCESSOR, 1);
    }

    function test_aPauseStopsAnchoringAndNothingElse() public {
        bytes16[2] memory whom = [MOIT, bytes16(0)];
        for (uint256 i = 0; i < whom.length; ++i) {
            registry.pauseIssuing(whom[i]);
            _expectRefusal(abi.encodeWithSelector(ICertificateLedger.CertificateLedgerIssuingPaused.selector, MOIT));
            ledger.anchor(0, 3, DIGEST, none);
            _doEverythingElse(bytes32(i + 1));
            registry.resumeIssuing(whom[i]);
        }
        registry.pauseIssuing(VCCI);
        anchor(MOIT_ACCOUNT, leaves, 0, 3);
    }

    function _doEverythingElse(bytes32 digest) private {
        vm.prank(MOIT_ACCOUNT);
        ledger.suspend(digest, 7);
        vm.prank(MOIT_ACCOUNT);
        ledger.resume(digest, 8);
        vm.prank(MOIT_ACCOUNT);
        ledger.replace(digest, keccak256(abi.encode(digest)), 5);
        vm.prank(MOIT_ACCOUNT);
        ledger.revoke(keccak256(abi.encode(digest)), 1);
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
            ledger.revoke(DIGEST, 1);
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
        bytes32[] memory proof = NaiveLog.consistency(leaves, 2, 0, 5, false);
        _expectRefusal(
            abi.encodeWithSelector(ICertificateLedger.CertificateLedgerStalePredecessor.selector, uint64(2), uint64(3))
        );
        ledger.anchor(2, 5, root, proof);
    }

    function test_aRootPassesForNoTreeOfAnotherSize() public {
        // The root of three leaves is also that of two, the first of which is a node.
        bytes32 head = anchor(MOIT_ACCOUNT, leaves, 0, 3);
        bytes32[] memory proof = new bytes32[](2);
        (proof[0], proof[1]) = (head, leaves[3]);
        bytes32 root = NaiveLog.node(head, leaves[3]);
        _expectRefusal(
            abi.encodeWithSelector(ICertificateLedger.CertificateLedgerStalePredecessor.selector, uint64(2), uint64(3))
        );
        ledger.anchor(2, 4, root, proof);
    }

    function test_aLogIsOneAuthoritysWhoeverOfItsAccountsAnchors() public {
        anchor(MOIT_ACCOUNT, leaves, 0, 4);
        registry.authoriseAccount(MOIT, NOBODY, ANCHOR);
        anchor(NOBODY, leaves, 4, 12);
        (uint64 size,) = ledger.head(MOIT);
        checkEqual("size", size, 12);
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
        anchor(MOIT_ACCOUNT, leaves, 0, 3);
        leaves[1] = sha256("rewritten");
        bytes32 root = NaiveLog.root(leaves, 0, 5);
        bytes32[] memory proof = NaiveLog.consistency(leaves, 3, 0, 5, false);
        _expectRefusal(abi.encodeWithSelector(ICertificateLedger.CertificateLedgerInconsistent.selector, uint64(3), root));
        ledger.anchor(3, 5, root, proof);
    }

    function test_theFirstCheckpointTakesNoProof() public {
        bytes32 root = NaiveLog.root(leaves, 0, 3);
        _expectRefusal(
            abi.encodeWithSelector(ICertificateLedger.CertificateLedgerInconsistent.selector, uint64(0), root)
        );
        ledger.anchor(0, 3, root, one(root));
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
        emit ICertificateLedger.Revoked(MOIT, DIGEST, 1);
        ledger.revoke(DIGEST, 1);
        _checkStatus(MOIT, ICertificateLedger.State.Revoked, 1, block.timestamp, 0);
        _checkStatus(VCCI, ICertificateLedger.State.Good, 0, 0, 0);
    }

    function test_aSuspensionEnds() public {
        vm.prank(MOIT_ACCOUNT);
        vm.expectEmit(address(ledger));
        emit ICertificateLedger.Suspended(MOIT, DIGEST, 7);
        ledger.suspend(DIGEST, 7);
        _checkStatus(MOIT, ICertificateLedger.State.Suspended, 7, block.timestamp, 0);
        vm.warp(block.timestamp + 60);
        vm.prank(MOIT_ACCOUNT);
        vm.expectEmit(address(ledger));
        emit ICertificateLedger.Resumed(MOIT, DIGEST, 8);
        ledger.resume(DIGEST, 8);
        _checkStatus(MOIT, ICertificateLedger.State.Good, 8, block.timestamp, 0);
    }

    function test_aReplacementNamesItsSuccessor() public {
        vm.prank(MOIT_ACCOUNT);
        vm.expectEmit(address(ledger));
        emit ICertificateLedger.Replaced(MOIT, DIGEST, 5, SUCCESSOR);
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
        ledger.revoke(DIGEST, 1);
        _expectRefusal(
            abi.encodeWithSelector(
                ICertificateLedger.CertificateLedgerBadTransition.selector,
                DIGEST,
                ICertificateLedger.State.Revoked,
                ICertificateLedger.State.Suspended
            )
        );
        ledger.suspendEach(digests, 7);
        checkEqual("the other", uint8(ledger.statusOf(MOIT, SUCCESSOR).state), 0);
        digests[1] = "a third";
        vm.prank(MOIT_ACCOUNT);
        ledger.suspendEach(digests, 7);
        checkEqual("both", uint8(ledger.statusOf(MOIT, "a third").state), 2);
    }

    function test_everyBatchDoesAsTheSingleFormDoes() public {
        bytes32[] memory digests = new bytes32[](2);
        (digests[0], digests[1]) = (DIGEST, "a third");
        vm.prank(MOIT_ACCOUNT);
        ledger.suspendEach(digests, 7);
        vm.prank(MOIT_ACCOUNT);
        ledger.resumeEach(digests, 8);
        _checkStatus(MOIT, ICertificateLedger.State.Good, 8, block.timestamp, 0);
        bytes32[] memory successors = new bytes32[](2);
        (successors[0], successors[1]) = (SUCCESSOR, "a fourth");
        vm.prank(MOIT_ACCOUNT);
        vm.expectEmit(address(ledger));
        emit ICertificateLedger.Replaced(MOIT, DIGEST, 5, SUCCESSOR);
        vm.expectEmit(address(ledger));
        emit ICertificateLedger.Replaced(MOIT, "a third", 5, "a fourth");
        ledger.replaceEach(digests, successors, 5);
        vm.prank(MOIT_ACCOUNT);
        vm.expectEmit(address(ledger));
        emit ICertificateLedger.Revoked(MOIT, SUCCESSOR, 2);
        ledger.revokeEach(successors, 2);
        checkEqual("the last", uint8(ledger.statusOf(MOIT, "a fourth").state), 1);
        _expectRefusal(
            abi.encodeWithSelector(ICertificateLedger.CertificateLedgerUnevenBatch.selector, uint256(2), uint256(1))
        );
        ledger.replaceEach(digests, one(SUCCESSOR), 5);
    }

    function test_onlyAnAuthoritysAccountSendsABatch() public {
        bytes32[] memory digests = one(DIGEST);
        bytes[4] memory batches = [
            abi.encodeCall(ledger.revokeEach, (digests, 1)),
            abi.encodeCall(ledger.suspendEach, (digests, 1)),
            abi.encodeCall(ledger.resumeEach, (digests, 1)),
            abi.encodeCall(ledger.replaceEach, (digests, digests, 1))
        ];
        for (uint256 i = 0; i < batches.length; ++i) {
            vm.prank(PRIOK);
            (bool done, bytes memory answer) = address(ledger).call(batches[i]);
            check("refused", !done);
            checkEqual(
                "refusal",
                keccak256(answer),
                keccak256(
                    abi.encodeWithSelector(ICertificateLedger.CertificateLedgerNotAuthority.selector, PRIOK)
                )
            );
        }
    }

    function test_aDigestIsSomething() public {
        _expectRefusal(abi.encodeWithSelector(ICertificateLedger.CertificateLedgerBadValue.selector, bytes32(0)));
        ledger.revoke(0, 1);
    }

    function test_aSuccessorIsACertificateThatIsGoodAndSucceedsNoOther() public {
        vm.prank(MOIT_ACCOUNT);
        ledger.revoke("revoked", 1);
        vm.prank(MOIT_ACCOUNT);
        ledger.suspend("suspended", 7);
        vm.prank(MOIT_ACCOUNT);
        ledger.replace("first", "taken", 5);
        bytes32[6] memory successors =
            [bytes32(0), DIGEST, "revoked", "suspended", bytes32("first"), bytes32("taken")];
        for (uint256 i = 0; i < successors.length; ++i) {
            _expectRefusal(
                abi.encodeWithSelector(
                    ICertificateLedger.CertificateLedgerBadSuccessor.selector, DIGEST, successors[i]
                )
            );
            ledger.replace(DIGEST, successors[i], 5);
        }
        vm.prank(VCCI_ACCOUNT);
        ledger.replace(DIGEST, "taken", 5);
    }

    function test_replacementsMakeAChainThatEnds() public {
        uint256 most = ledger.MAX_PREDECESSORS();
        checkEqual("before the first", ledger.predecessorsOf(MOIT, bytes32(uint256(1))).length, 0);
        for (uint256 i = 1; i <= most; ++i) {
            vm.prank(MOIT_ACCOUNT);
            ledger.replace(bytes32(i), bytes32(i + 1), 5);
        }
        bytes32[] memory chain = ledger.predecessorsOf(MOIT, bytes32(most + 1));
        checkEqual("length", chain.length, most);
        for (uint256 i = 0; i < most; ++i) checkEqual("predecessor", chain[i], bytes32(most - i));
        checkEqual("another's", ledger.predecessorsOf(VCCI, bytes32(most + 1)).length, 0);
        // A suspension on the way changes nothing of the chain.
        vm.prank(MOIT_ACCOUNT);
        ledger.suspend(bytes32(most + 1), 7);
        checkEqual("suspended", ledger.predecessorsOf(MOIT, bytes32(most + 1)).length, most);
        _expectRefusal(
            abi.encodeWithSelector(
                ICertificateLedger.CertificateLedgerReplacedTooOften.selector, bytes32(most + 1)
            )
        );
        ledger.replace(bytes32(most + 1), bytes32(most + 2), 5);
        vm.prank(MOIT_ACCOUNT);
        ledger.revoke(bytes32(most + 1), 1);
    }

    function test_theEvidenceIsAllThatAVerifierAsks() public {
        bytes32 key = "an Ed25519 key";
        registry.addKey(MOIT, key, 100, 200);
        registry.grantMandate(MOIT, "ATIGA", "D", 300, 400);
        bytes32 root = anchor(MOIT_ACCOUNT, leaves, 0, 3);
        vm.prank(MOIT_ACCOUNT);
        ledger.replace(DIGEST, SUCCESSOR, 5);
        vm.warp(block.timestamp + 60);
        registry.grantMandate(MOIT, "ATIGA", "D", 300, 350);
        registry.withdrawRecognition("ID", MOIT, "ATIGA");
        registry.pauseIssuing(MOIT);
        ICertificateLedger.Evidence memory evidence =
            ledger.evidence(MOIT, root, 3, DIGEST, key, "ATIGA", "D", "ID");
        checkEqual("block", evidence.blockNumber, block.number);
        checkEqual("time", evidence.blockTime, block.timestamp);
        checkEqual("anchored", evidence.anchoredAt, block.timestamp - 60);
        bytes memory status = abi.encode(ledger.statusOf(MOIT, DIGEST));
        checkEqual("status", keccak256(abi.encode(evidence.status)), keccak256(status));
        checkEqual("party", keccak256(abi.encode(evidence.party)), keccak256(abi.encode(registry.partyOf(MOIT))));
        checkEqual("key until", evidence.key.until, 200);
        checkEqual("mandate until", evidence.mandate.until, 350);
        checkEqual("and when anchored", evidence.mandateWhenAnchored.until, 400);
        check("not recognised any more", !evidence.recognised);
        check("but when anchored", evidence.recognisedWhenAnchored);
        check("paused", evidence.issuingPaused);
        check("elsewhere recognised", ledger.evidence(MOIT, root, 3, DIGEST, key, "ATIGA", "D", "MY").recognised);
    }

    function test_theEvidenceOfNothingIsNothing() public view {
        ICertificateLedger.Evidence memory evidence =
            ledger.evidence("nobody", DIGEST, 3, DIGEST, DIGEST, "ATIGA", "D", "ID");
        checkEqual("anchored", evidence.anchoredAt, 0);
        checkEqual("status", evidence.status.since, 0);
        checkEqual("party", evidence.party.registeredAt, 0);
        checkEqual("key", evidence.key.since, 0);
        checkEqual("mandate", evidence.mandate.since, 0);
        checkEqual("mandate then", evidence.mandateWhenAnchored.since, 0);
        check("paused", !evidence.issuingPaused);
    }

    function test_whatADrawingAsksIsWhatTheLedgerHolds() public {
        bytes32 root = anchor(MOIT_ACCOUNT, leaves, 0, 3);
        vm.prank(MOIT_ACCOUNT);
        ledger.replace(DIGEST, SUCCESSOR, 5);
        vm.prank(MOIT_ACCOUNT);
        ledger.suspend(SUCCESSOR, 7);
        (uint64 anchoredAt, ICertificateLedger.State state, uint256 predecessors) =
            ledger.certificateStanding(MOIT, root, 3, SUCCESSOR);
        checkEqual("anchored", anchoredAt, block.timestamp);
        checkEqual("state", uint8(state), uint8(ICertificateLedger.State.Suspended));
        checkEqual("predecessors", predecessors, 1);
        (anchoredAt, state, predecessors) = ledger.certificateStanding(MOIT, root, 4, "another");
        checkEqual("not anchored", anchoredAt, 0);
        checkEqual("good", uint8(state), 0);
        checkEqual("none", predecessors, 0);
    }

    /// @dev Whether the change was made; otherwise it must have been refused with `refusal`.
    function _declare(bytes32 digest, ICertificateLedger.State to, bytes memory refusal) private returns (bool done) {
        bytes memory call = to == ICertificateLedger.State.Good
            ? abi.encodeCall(ledger.resume, (digest, 8))
            : to == ICertificateLedger.State.Revoked
                ? abi.encodeCall(ledger.revoke, (digest, 1))
                : to == ICertificateLedger.State.Suspended
                    ? abi.encodeCall(ledger.suspend, (digest, 7))
                    : abi.encodeCall(ledger.replace, (digest, keccak256(abi.encode(digest)), 5));
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
