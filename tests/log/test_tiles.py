"""The tree in tiles against the plain tree, at every size that could matter."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from log_vectors import BOUNDARIES, counted_tree
from rfc9162_reference import ReferenceTree

from tulen.errors import InvalidInputError
from tulen.log import (
    EMPTY_ROOT,
    BrokenTileError,
    TileId,
    append,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root,
    tiles_for_append,
    tiles_for_consistency,
    tiles_for_inclusion,
    tiles_for_root,
    tree_head,
    verify_consistency,
    verify_inclusion,
)

SMALL = 130
REFERENCE = ReferenceTree([index.to_bytes(2) for index in range(2_000)])
HASHES = [leaf_hash(leaf) for leaf in REFERENCE.leaves]


class Storage(dict[TileId, bytes]):
    """Tiles that remember which of them were read."""

    def __init__(self) -> None:
        self.size = 0
        self.seen: set[TileId] = set()

    def read(self, tile: TileId) -> bytes:
        self.seen.add(tile)
        return self[tile]

    def add(self, leaf_hashes: list[bytes]) -> None:
        changed, self.size = append(self.read, self.size, leaf_hashes)
        self.update(changed)


def stored(size: int) -> Storage:
    storage = Storage()
    storage.add(HASHES[:size])
    return storage


@pytest.fixture(scope="module")
def big() -> Storage:
    storage = Storage()
    storage.add([leaf_hash(leaf) for leaf in counted_tree().leaves])
    return storage


def test_every_proof_of_every_size_up_to_130_is_that_of_the_rfc() -> None:
    """From one set of tiles, which holds more than each earlier size needs."""
    tiles = stored(SMALL).__getitem__
    for size in range(1, SMALL + 1):
        assert root(tiles, size) == REFERENCE.root(size)
        for index in range(size):
            assert inclusion_proof(tiles, index, size) == REFERENCE.path(index, size)
        for old in range(1, size + 1):
            assert consistency_proof(tiles, old, size) == REFERENCE.proof(old, size)


def test_tiles_that_grow_leaf_by_leaf_are_those_of_one_append() -> None:
    grown = Storage()
    for size in range(1, 700):
        grown.add(HASHES[size - 1 : size])
        assert root(grown.read, size) == REFERENCE.root(size)
    assert grown == stored(699)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.integers(0, 3), st.integers(0, 300), st.just(256)), max_size=12))
def test_appends_in_batches_of_any_size_give_the_tiles_of_one_append(batches: list[int]) -> None:
    grown, total = Storage(), min(sum(batches), len(HASHES))
    for batch in batches:
        before = grown.size
        grown.seen.clear()
        grown.add(HASHES[before : before + batch])
        assert grown.seen <= tiles_for_append(before)
    assert grown.size == total
    assert grown == stored(total)
    assert root(grown.read, total) == tree_head(HASHES[:total])


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_proof_at_any_size_is_accepted_and_reads_what_was_foretold(
    big: Storage, data: st.DataObject
) -> None:
    edges = st.sampled_from([n + d for n in BOUNDARIES for d in (-1, 0, 1) if 0 < n + d <= 65_537])
    size = data.draw(st.integers(1, 65_537) | edges, "size")
    index = data.draw(st.integers(0, size - 1), "index")
    old = data.draw(st.integers(1, size) | edges.filter(lambda n: n <= size), "old size")

    big.seen.clear()
    head = root(big.read, size)
    assert big.seen == tiles_for_root(size)

    big.seen.clear()
    path = inclusion_proof(big.read, index, size)
    assert big.seen == tiles_for_inclusion(index, size)
    assert verify_inclusion(counted_tree().leaf_hash(index), index, size, path, head)

    big.seen.clear()
    proof = consistency_proof(big.read, old, size)
    assert big.seen == tiles_for_consistency(old, size)
    assert verify_consistency(old, root(big.read, old), size, head, proof)


@pytest.mark.parametrize("size", BOUNDARIES)
def test_the_proofs_at_a_tile_boundary_are_those_of_the_rfc(big: Storage, size: int) -> None:
    tree = counted_tree()
    assert root(big.read, size) == tree.root(size)
    for index in {0, size // 2, max(0, size - 257), max(0, size - 2), size - 1}:
        assert inclusion_proof(big.read, index, size) == tree.path(index, size)
    for old in [n for n in BOUNDARIES if n <= size] + [size // 2 or 1]:
        assert consistency_proof(big.read, old, size) == tree.proof(old, size)


@pytest.mark.parametrize("size", BOUNDARIES)
def test_the_tiles_at_a_boundary_hold_what_the_size_says(size: int) -> None:
    storage = Storage()
    storage.add([counted_tree().leaf_hash(index) for index in range(size)])
    expected = {}
    level, count = 0, size
    while count:
        for index in range(-(-count // 256)):
            expected[level, index] = 32 * min(256, count - 256 * index)
        level, count = level + 1, count // 256
    assert {tile: len(data) for tile, data in storage.items()} == expected


def test_an_append_over_a_boundary_changes_only_the_right_edge(big: Storage) -> None:
    before = Storage()
    before.add([counted_tree().leaf_hash(index) for index in range(65_535)])
    kept = dict(before)
    before.seen.clear()
    last = [counted_tree().leaf_hash(index) for index in (65_535, 65_536)]
    changed, size = append(before.read, 65_535, last)
    assert size == 65_537
    assert set(changed) == {(0, 255), (1, 0), (2, 0), (0, 256)}
    assert before.seen == {(0, 255), (1, 0)} == tiles_for_append(65_535)
    assert {**kept, **changed} == big


def test_no_proof_needs_more_than_a_handful_of_tiles() -> None:
    size = 10**6 + 7
    places = range(0, size, 997)
    assert max(len(tiles_for_inclusion(index, size)) for index in places) <= 6
    assert max(len(tiles_for_consistency(index + 1, size)) for index in places) <= 6
    assert len(tiles_for_append(size)) <= 3
    assert max(len(tiles_for_inclusion(index, 2**40)) for index in range(0, 2**40, 2**33)) <= 5


def test_nothing_is_read_of_an_empty_log() -> None:
    assert tiles_for_append(0) == set()
    assert root({}.__getitem__, 0) == EMPTY_ROOT
    assert append({}.__getitem__, 0, []) == ({}, 0)
    assert consistency_proof({}.__getitem__, 0, 0) == []


def test_an_empty_append_reads_and_changes_nothing() -> None:
    assert append({}.__getitem__, 77, []) == ({}, 77)


def test_the_proof_from_nothing_and_to_itself_is_empty() -> None:
    tiles = stored(9).__getitem__
    assert consistency_proof(tiles, 0, 9) == []
    assert consistency_proof(tiles, 9, 9) == []
    assert tiles_for_consistency(0, 9) == tiles_for_consistency(9, 9) == set()


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (0, 0), (3, -1)])
def test_the_proof_of_a_leaf_that_is_not_there_is_refused(index: int, size: int) -> None:
    with pytest.raises(InvalidInputError, match=r"^index: .* is not a leaf"):
        inclusion_proof(stored(9).__getitem__, index, size)
    with pytest.raises(InvalidInputError, match=r"^index: .* is not a leaf"):
        tiles_for_inclusion(index, size)


@pytest.mark.parametrize(("old", "new"), [(-1, 5), (6, 5), (1, 0)])
def test_the_proof_between_sizes_out_of_order_is_refused(old: int, new: int) -> None:
    with pytest.raises(InvalidInputError, match=r"old_size: .* is not between 0 and"):
        consistency_proof(stored(9).__getitem__, old, new)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_leaf_hash_of_another_length_is_not_appended(length: int) -> None:
    with pytest.raises(InvalidInputError, match=r"^/1: .* is not a hash of 32 bytes"):
        append({}.__getitem__, 0, [HASHES[0], b"\1" * length])


@pytest.mark.parametrize("held", [0, 4 * 32, 6 * 32, 5 * 32 + 1])
def test_nothing_is_appended_to_a_tile_that_another_writer_has_touched(held: int) -> None:
    tiles = {(0, 0): b"".join(HASHES)[:held]}
    with pytest.raises(BrokenTileError, match=f"tile 0/0 of the log holds {held} bytes"):
        append(tiles.__getitem__, 5, [HASHES[5]])


@pytest.mark.parametrize("held", [0, 4 * 32, 5 * 32 - 1, 5 * 32 + 1])
def test_no_proof_is_made_from_a_tile_that_lacks_hashes(held: int) -> None:
    tiles = {(0, 0): b"".join(HASHES)[:held]}
    with pytest.raises(BrokenTileError, match=f"holds {held} bytes"):
        inclusion_proof(tiles.__getitem__, 0, 5)
    with pytest.raises(BrokenTileError, match=f"holds {held} bytes"):
        root(tiles.__getitem__, 5)
