"""`tulen.log` against ``tests/vectors/log.json``, as an implementation in any language would."""

import json
from hashlib import sha256
from typing import Any

import log_vectors
import pytest

from tulen.errors import InvalidInputError
from tulen.log import (
    Kind,
    PublishedCheckpoint,
    SignedCheckpoint,
    append,
    entries_in,
    entry_bundle,
    entry_leaf_hash,
    leaf_hash,
    part_of,
    root,
    root_from_inclusion_path,
    tree_head,
    verify_consistency,
    verify_inclusion,
)
from tulen.values import Digest, Ed25519PublicKey

VECTORS: dict[str, Any] = json.loads(log_vectors.VECTORS.read_text("utf-8"))


def by_name(section: str) -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in VECTORS[section]]


def unhex(hashes: list[str]) -> list[bytes]:
    return [bytes.fromhex(each) for each in hashes]


def test_the_file_is_what_the_generator_makes() -> None:
    assert log_vectors.VECTORS.read_text("utf-8") == log_vectors.generate()


@pytest.mark.parametrize("section", ["inclusion", "consistency", "checkpoints"])
def test_every_section_holds_truths_and_lies_under_distinct_names(section: str) -> None:
    cases = VECTORS[section]
    assert {case["valid"] for case in cases} == {True, False}
    assert len({case["name"] for case in cases}) == len(cases)


@pytest.mark.parametrize("entry", VECTORS["entries"])
def test_an_entry_has_the_leaf_hash(entry: dict[str, Any]) -> None:
    digest = Digest.from_hex(entry["digest"], "digest")
    assert entry_leaf_hash(Kind(entry["kind"]), digest).hex() == entry["leaf_hash"]


@pytest.mark.parametrize("tree", VECTORS["trees"], ids=lambda tree: tree["name"])
def test_a_tree_has_the_roots(tree: dict[str, Any]) -> None:
    last = tree["roots"][-1]["size"]
    leaves = unhex(tree["leaves"]) if "leaves" in tree else [i.to_bytes(4) for i in range(last)]
    hashes = [leaf_hash(leaf) for leaf in leaves]
    tiles, _ = append({}.__getitem__, 0, hashes)
    for expected in tree["roots"]:
        size = expected["size"]
        assert tree_head(hashes[:size]).hex() == expected["root"]
        assert root(tiles.__getitem__, size).hex() == expected["root"]


@pytest.mark.parametrize("case", by_name("inclusion"))
def test_an_inclusion_proof_is_judged_rightly(case: dict[str, Any]) -> None:
    leaf, path = bytes.fromhex(case["leaf_hash"]), unhex(case["path"])
    expected = bytes.fromhex(case["root"])
    at = case["index"], case["size"]
    assert verify_inclusion(leaf, *at, path, expected) is case["valid"]
    assert (root_from_inclusion_path(leaf, *at, path) == expected) is case["valid"]


@pytest.mark.parametrize("case", by_name("consistency"))
def test_a_consistency_proof_is_judged_rightly(case: dict[str, Any]) -> None:
    answer = verify_consistency(
        case["old_size"],
        bytes.fromhex(case["old_root"]),
        case["new_size"],
        bytes.fromhex(case["new_root"]),
        unhex(case["proof"]),
    )
    assert answer is case["valid"]


@pytest.mark.parametrize("size", sorted({tile["size"] for tile in VECTORS["tiles"]}))
def test_a_log_of_this_size_has_the_tiles(size: int) -> None:
    tiles, _ = append({}.__getitem__, 0, [leaf_hash(i.to_bytes(4)) for i in range(size)])
    for tile in VECTORS["tiles"]:
        if tile["size"] == size:
            data = tiles[tile["level"], tile["index"]]
            assert len(data) == 32 * tile["hashes"]
            assert sha256(data).hexdigest() == tile["sha256"]


@pytest.mark.parametrize("case", by_name("checkpoints"))
def test_a_checkpoint_is_judged_rightly(case: dict[str, Any]) -> None:
    key = Ed25519PublicKey.from_hex(case["key"], "key")
    if case.get("refused_by") == "parse":
        with pytest.raises(InvalidInputError, match="checkpoint"):
            SignedCheckpoint.parse(case["note"])
        return
    signed = SignedCheckpoint.parse(case["note"])
    assert signed.note == case["note"]
    assert signed.verify(key) is case["valid"]
    if case["valid"]:
        checkpoint = signed.checkpoint
        assert checkpoint.log_name == case["log_name"]
        assert checkpoint.size == case["size"]
        assert checkpoint.root.hex() == case["root"]


@pytest.mark.parametrize("case", by_name("cosigned"))
def test_a_cosigned_note_is_judged_rightly(case: dict[str, Any]) -> None:
    key = Ed25519PublicKey.from_hex(case["key"], "key")
    if case.get("refused_by") == "parse":
        with pytest.raises(InvalidInputError, match="checkpoint"):
            PublishedCheckpoint.parse(case["note"])
        return
    published = PublishedCheckpoint.parse(case["note"])
    assert published.note == case["note"]
    assert published.cosigned_at(case["witness"], key) == case["cosigned_at"]


@pytest.mark.parametrize("case", VECTORS["layout"], ids=lambda case: case["path"])
def test_a_part_of_the_log_lies_there(case: dict[str, Any]) -> None:
    assert f"tile/{part_of(case['level'], case['index'], case['size']).path}" == case["path"]


@pytest.mark.parametrize("case", VECTORS["bundles"])
def test_a_bundle_holds_the_entries(case: dict[str, Any]) -> None:
    held = unhex(case["entries"])
    assert entry_bundle(held).hex() == case["bundle"]
    assert entries_in(bytes.fromhex(case["bundle"])) == held
