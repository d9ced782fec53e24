"""The Solidity Merkle proofs against the Python ones: every size up to 130, true and mutated."""

import asyncio
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from anvil_fixtures import World, rpc
from tulen.chain.contracts import Contract
from tulen.chain.rpc import Chain
from tulen.log import (
    append,
    consistency_proof,
    inclusion_paths,
    tree_head,
    verify_consistency,
    verify_inclusion,
)

pytestmark = pytest.mark.anyio

ARTIFACT = (
    Path(__file__).parents[2]
    / "artifacts/tests/contracts/MerkleLogHarness.sol/MerkleLogHarness.json"
)
ADDRESS = "0x" + "4d" * 20
SIZES = range(1, 131)
LEAVES = [hashlib.sha256(bytes([number])).digest() for number in range(max(SIZES))]
ROOTS = [tree_head(LEAVES[:size]) for size in range(max(SIZES) + 1)]

Case = tuple[int, int, bytes, bytes, list[bytes]]
"""Index and size, or old and new size; leaf and root, or both roots; the proof."""


def inclusion_cases() -> Iterator[Case]:
    for size in SIZES:
        paths = inclusion_paths(LEAVES[:size], range(size))
        for index in range(size):
            yield index, size, LEAVES[index], ROOTS[size], list(paths[index])


def consistency_cases() -> Iterator[Case]:
    tiles, _ = append({}.__getitem__, 0, LEAVES)
    for new in SIZES:
        for old in range(1, new):
            yield old, new, ROOTS[old], ROOTS[new], consistency_proof(tiles.__getitem__, old, new)


def mutated(case: Case, random: Random) -> Case:
    """Return a lie that differs from ``case`` in one thing.

    A wrong size is not among them: trees of several sizes may share a proof's shape, and it is the
    root that tells them apart.
    """
    first, second, one, other, proof = case
    at = random.randrange(len(proof) or 1)
    lies = [
        (first + 1, second, one, other, proof),
        (first, second, _flipped(one, random), other, proof),
        (first, second, one, _flipped(other, random), proof),
        (first, second, one, other, [*proof, LEAVES[0]]),
    ]
    if proof:
        lie = _flipped(proof[at], random)
        lies += [
            (first, second, one, other, proof[1:]),
            (first, second, one, other, [*proof[:at], lie, *proof[at + 1 :]]),
        ]
    return random.choice(lies)


def _flipped(value: bytes, random: Random) -> bytes:
    bit = 1 << random.randrange(256)
    return (int.from_bytes(value) ^ bit).to_bytes(32)


@pytest.fixture
def harness(world: World) -> Contract:
    assert ARTIFACT.exists(), "run scripts/setup: Hardhat has not built the contracts"
    artifact = json.loads(ARTIFACT.read_bytes())
    rpc(world.url, "anvil_setCode", ADDRESS, artifact["deployedBytecode"])
    return Contract.from_artifact("MerkleLogHarness", artifact)


async def answers(chain: Chain, calls: list[bytes]) -> list[bool]:
    """Return what the harness says to each call."""
    results = await asyncio.gather(
        *(
            chain.request("eth_call", {"to": ADDRESS, "data": f"0x{call.hex()}"}, "latest")
            for call in calls
        )
    )
    return [int(result, 16) == 1 for result in results]


async def test_inclusion_is_the_same_on_chain(chain: Chain, harness: Contract) -> None:
    entry = harness.functions["verifyInclusion"]
    truths = list(inclusion_cases())
    assert len(truths) == 130 * 131 / 2
    random = Random(6962)  # noqa: S311 - the same lies each time
    lies = [mutated(case, random) for case in truths]
    expected = [
        verify_inclusion(leaf, index, size, path, root)
        for index, size, leaf, root, path in truths + lies
    ]
    calls = [
        entry.encode(leaf, index, size, path, root)
        for index, size, leaf, root, path in truths + lies
    ]
    assert await answers(chain, calls) == expected
    assert all(expected[: len(truths)])
    assert sum(expected[len(truths) :]) < 150, (
        "lies are lies, but for one leaf exchanged for itself"
    )


async def test_consistency_is_the_same_on_chain(chain: Chain, harness: Contract) -> None:
    entry = harness.functions["verifyConsistency"]
    truths = list(consistency_cases())
    assert len(truths) == 130 * 129 / 2
    random = Random(9162)  # noqa: S311 - the same lies each time
    lies = [case for case in (mutated(truth, random) for truth in truths) if case[0] < case[1]]
    expected = [
        verify_consistency(old, old_root, new, new_root, proof)
        for old, new, old_root, new_root, proof in truths + lies
    ]
    calls = [
        entry.encode(old, old_root, new, new_root, proof)
        for old, new, old_root, new_root, proof in truths + lies
    ]
    assert await answers(chain, calls) == expected
    assert all(expected[: len(truths)])
    assert not any(expected[len(truths) :])
