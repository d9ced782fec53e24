"""The public layout: paths, bundles of entries, and the edge that whoever follows keeps."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tulen.errors import InvalidInputError
from tulen.log import (
    ENTRY_BYTES,
    Frontier,
    LogPart,
    append,
    entries_in,
    entry_bundle,
    entry_bytes,
    leaf_hash,
    part_of,
    root,
    tree_head,
)
from tulen.values import Digest

LEAVES = [leaf_hash(b"%d" % number) for number in range(600)]
ENTRY = entry_bytes(1, Digest(bytes(range(32))))


def test_the_examples_of_c2sp_tlog_tiles() -> None:
    assert LogPart(0, 1_234_067).path == "0/x001/x234/067"
    size = 70_000
    assert part_of(0, 272, size) == LogPart(0, 272, 256)
    assert part_of(0, 273, size) == LogPart(0, 273, 112)
    assert part_of(1, 1, size) == LogPart(1, 1, 17)
    assert part_of(2, 0, size) == LogPart(2, 0, 1)
    assert part_of(1, 0, 256).path == "1/000.p/1"


@given(
    level=st.none() | st.integers(0, 63),
    index=st.integers(0, 2**60) | st.sampled_from([0, 999, 1000, 999_999, 1_000_000]),
    width=st.integers(1, 256),
)
def test_a_path_reads_back_as_the_part_it_is_of(level: int | None, index: int, width: int) -> None:
    part = LogPart(level, index, width)
    assert LogPart.parse(part.path) == part


@pytest.mark.parametrize(
    "path",
    [
        *("", "0", "0/", "0/0", "0/00", "0/0000", "0/x000/000", "0/x00/001", "00/000", "64/000"),
        *("0/000.p/", "0/000.p/0", "0/000.p/256", "0/000.p/257", "0/000.p/01", "0/000/p/1"),
        *("-1/000", "entry/000", "Entries/000", "entries/000 ", " entries/000", "0/001/x000"),
        *("0/\u0660\u0660\u0660", "0/000\n", "0/X001/000", "0/" + "x001/" * 7 + "000"),
    ],
)
def test_no_other_spelling_is_a_path(path: str) -> None:
    with pytest.raises(InvalidInputError, match="is not where a tile"):
        LogPart.parse(path)


@pytest.mark.parametrize(
    ("part", "size", "within"),
    [
        (LogPart(0, 0), 255, False),
        (LogPart(0, 0), 256, True),
        (LogPart(0, 1, 1), 256, False),
        (LogPart(0, 1, 1), 257, True),
        (LogPart(None, 1, 2), 257, False),
        (LogPart(1, 0, 1), 255, False),
        (LogPart(1, 0, 1), 256, True),
        (LogPart(63, 0, 1), 2**64 - 1, False),
    ],
)
def test_a_log_has_only_what_lies_under_its_size(part: LogPart, size: int, within: bool) -> None:
    assert part.is_within(size) is within


def test_a_log_has_nothing_of_what_lies_beyond() -> None:
    with pytest.raises(InvalidInputError, match="beyond a log of 256 entries"):
        part_of(0, 1, 256)


def test_a_bundle_is_entries_after_their_length() -> None:
    bundle = entry_bundle([ENTRY, entry_bytes(255, Digest(bytes(32)))])
    assert bundle == b"\0\x21\x01" + bytes(range(32)) + b"\0\x21\xff" + bytes(32)
    assert entries_in(bundle) == [ENTRY, b"\xff" + bytes(32)]
    assert entries_in(b"") == []


@pytest.mark.parametrize(
    "bundle",
    [
        b"\0",
        b"\0\x21",
        entry_bundle([ENTRY])[:-1],
        entry_bundle([ENTRY]) + b"\0",
        entry_bundle([ENTRY[:-1], ENTRY]),
        entry_bundle([ENTRY + b"\0"]),
    ],
)
def test_what_is_no_bundle_of_ours_is_refused(bundle: bytes) -> None:
    with pytest.raises(InvalidInputError, match=f"are not {ENTRY_BYTES}, or are cut off"):
        entries_in(bundle)


@settings(max_examples=60, deadline=None)
@given(sizes=st.lists(st.integers(0, len(LEAVES)), max_size=6))
def test_an_edge_that_grows_has_the_root_of_the_tree(sizes: list[int]) -> None:
    edge = Frontier()
    for size in sorted(sizes):
        edge = edge.extended(LEAVES[edge.size : size])
        assert edge.size == size
        assert edge.root == tree_head(LEAVES[:size])
        tiles, _ = append({}.__getitem__, 0, LEAVES[:size])
        assert edge.root == root(tiles.__getitem__, size)
        assert Frontier(edge.size, edge.hashes) == edge


@pytest.mark.parametrize(
    ("size", "hashes", "field"),
    [
        (-1, (), "/size"),
        (1, (), "/hashes"),
        (2, (LEAVES[0], LEAVES[1]), "/hashes"),
        (1, (b"short",), "/hashes/0"),
    ],
)
def test_what_is_no_edge_is_refused(size: int, hashes: tuple[bytes, ...], field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Frontier(size, hashes)
    assert caught.value.field == field


def test_the_empty_edge_is_the_empty_tree() -> None:
    assert Frontier().root == sha256(b"").digest()
