"""The plain tree: every proof of every small tree, and every single change of one."""

import log_vectors
import pytest
from rfc9162_reference import ReferenceTree, consistency_holds, inclusion_holds

from tulen.errors import InvalidInputError
from tulen.log import (
    EMPTY_ROOT,
    append,
    consistency_proof,
    inclusion_path,
    inclusion_paths,
    leaf_hash,
    node_hash,
    root_from_inclusion_path,
    tree_head,
    verify_consistency,
    verify_inclusion,
)

SIZES = 130
REFERENCE = ReferenceTree([index.to_bytes(2) for index in range(SIZES)])
HASHES = [leaf_hash(leaf) for leaf in REFERENCE.leaves]

# Published with the certificate transparency code, for log_vectors.PUBLISHED_LEAVES.
PUBLISHED_ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
N01 = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
N03 = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
N1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
N23 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
N47 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
N4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
N45 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
N67 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
N0 = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
PUBLISHED_PATHS = {
    (0, 1): [],
    (0, 8): [N1, N23, N47],
    (5, 8): [N4, N67, N03],
    (2, 3): [N01],
    (1, 5): [N0, N23, N4],
}
PUBLISHED_PROOFS = {(1, 1): [], (1, 8): [N1, N23, N47], (6, 8): [N45, N67, N03], (2, 5): [N23, N4]}


def hexes(hashes: list[bytes]) -> list[str]:
    return [each.hex() for each in hashes]


def published_hashes() -> list[bytes]:
    return [leaf_hash(bytes.fromhex(leaf)) for leaf in log_vectors.PUBLISHED_LEAVES]


@pytest.mark.parametrize("size", range(9))
def test_the_published_roots_come_out_here_and_in_the_reference(size: int) -> None:
    assert tree_head(published_hashes()[:size]).hex() == PUBLISHED_ROOTS[size]
    assert log_vectors.published_tree().root(size).hex() == PUBLISHED_ROOTS[size]


@pytest.mark.parametrize(("index", "size"), PUBLISHED_PATHS)
def test_the_published_paths_come_out_here_and_in_the_reference(index: int, size: int) -> None:
    expected = PUBLISHED_PATHS[index, size]
    assert hexes(inclusion_path(published_hashes()[:size], index)) == expected
    assert hexes(log_vectors.published_tree().path(index, size)) == expected


@pytest.mark.parametrize(("old", "new"), PUBLISHED_PROOFS)
def test_the_published_consistency_proofs_come_out_here_and_in_the_reference(
    old: int, new: int
) -> None:
    tiles, _ = append({}.__getitem__, 0, published_hashes())
    expected = PUBLISHED_PROOFS[old, new]
    assert hexes(consistency_proof(tiles.__getitem__, old, new)) == expected
    assert hexes(log_vectors.published_tree().proof(old, new)) == expected


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert tree_head([]) == EMPTY_ROOT == REFERENCE.root(0)


def test_every_root_and_inclusion_path_up_to_130_is_that_of_the_rfc() -> None:
    for size in range(1, SIZES + 1):
        assert tree_head(HASHES[:size]) == REFERENCE.root(size)
        paths = inclusion_paths(HASHES[:size], range(size))
        for index in range(size):
            assert paths[index] == REFERENCE.path(index, size), (index, size)
            assert root_from_inclusion_path(
                HASHES[index], index, size, paths[index]
            ) == REFERENCE.root(size), (index, size)


def test_every_consistency_proof_up_to_130_is_accepted() -> None:
    for new in range(1, SIZES + 1):
        for old in range(1, new + 1):
            proof = REFERENCE.proof(old, new)
            assert verify_consistency(old, REFERENCE.root(old), new, REFERENCE.root(new), proof)


def test_everything_extends_the_empty_tree_without_a_proof() -> None:
    root = REFERENCE.root(5)
    assert verify_consistency(0, EMPTY_ROOT, 5, root, [])
    assert verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])
    assert not verify_consistency(0, EMPTY_ROOT, 5, root, [root])
    assert not verify_consistency(0, root, 5, root, [])
    assert not verify_consistency(0, EMPTY_ROOT, 0, root, [])
    assert not verify_consistency(5, root, 0, EMPTY_ROOT, [])


def test_a_tree_that_repeats_its_last_leaves_has_another_root() -> None:
    """CVE-2012-2459: trees that pad a level by repeating its last node give both one root."""
    for size in range(1, 65):
        for repeated in (1, 2, 4, 8, 16, 32):
            longer = HASHES[:size] + HASHES[max(0, size - repeated) : size]
            assert tree_head(longer) != tree_head(HASHES[:size]), (size, repeated)


def test_no_single_lie_about_an_inclusion_proof_is_believed() -> None:
    refusals = 0
    for size in range(1, 34):
        root = REFERENCE.root(size)
        for index in range(size):
            truth = (HASHES[index], index, size, REFERENCE.path(index, size), root)
            for lie, told in log_vectors.inclusion_lies(truth):
                believed = verify_inclusion(*told)
                same_shape = lie.startswith("size") and inclusion_holds(*told)
                assert believed is same_shape, (index, size, lie)
                refusals += not believed
    assert refusals > 10_000


def test_a_lie_about_the_size_leads_to_the_root_of_no_tree_of_that_size() -> None:
    """A path of the same shape still gives the true size's root, and a checkpoint names both."""
    for size in range(1, SIZES):
        for index in range(size):
            path = REFERENCE.path(index, size)
            for lied in (size - 1, size + 1):
                led_to = root_from_inclusion_path(HASHES[index], index, lied, path)
                assert led_to in (None, REFERENCE.root(size))
                assert led_to != REFERENCE.root(lied)


def test_no_single_lie_about_a_consistency_proof_is_believed() -> None:
    refusals = 0
    for new in range(2, 34):
        for old in range(1, new):
            truth = (
                old,
                REFERENCE.root(old),
                new,
                REFERENCE.root(new),
                REFERENCE.proof(old, new),
            )
            for lie, told in log_vectors.consistency_lies(truth):
                believed = verify_consistency(*told)
                same_shape = lie in {"new size plus one", "new size minus one"}
                assert believed is (same_shape and old < told[2] and consistency_holds(*told)), (
                    old,
                    new,
                    lie,
                )
                refusals += not believed
    assert refusals > 10_000


def test_a_forked_history_is_inconsistent_with_every_earlier_checkpoint_after_the_fork() -> None:
    forked = ReferenceTree([*REFERENCE.leaves[:20], b"forged", *REFERENCE.leaves[21:64]])
    for old in range(1, 60):
        proof = forked.proof(old, 64)
        consistent = verify_consistency(old, REFERENCE.root(old), 64, forked.root(64), proof)
        assert consistent is (old <= 20)


def test_every_bit_of_every_node_counts() -> None:
    path, root = REFERENCE.path(5, 11), REFERENCE.root(11)
    for at, node in enumerate(path):
        for bit in range(256):
            altered = (int.from_bytes(node) ^ 1 << bit).to_bytes(32)
            lied = [*path[:at], altered, *path[at + 1 :]]
            assert not verify_inclusion(HASHES[5], 5, 11, lied, root)


def test_an_inner_node_does_not_pass_as_a_leaf() -> None:
    left, right = HASHES[:2]
    assert leaf_hash(left + right) != node_hash(left, right)
    above = node_hash(left, right)
    path = REFERENCE.path(0, 8)[1:]
    assert root_from_inclusion_path(above, 0, 8, path) is None
    assert root_from_inclusion_path(leaf_hash(left + right), 0, 4, path) != REFERENCE.root(8)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_hash_of_another_length_proves_nothing(length: int) -> None:
    path, root, odd = REFERENCE.path(3, 8), REFERENCE.root(8), b"\1" * length
    assert root_from_inclusion_path(odd, 3, 8, path) is None
    assert root_from_inclusion_path(HASHES[3], 3, 8, [odd, *path[1:]]) is None
    assert not verify_inclusion(HASHES[3], 3, 8, path, odd)
    assert not verify_consistency(3, REFERENCE.root(3), 8, root, [odd, *REFERENCE.proof(3, 8)[1:]])
    assert not verify_consistency(8, odd, 8, odd, [])


def test_bytes_moved_between_a_node_and_its_neighbour_prove_nothing() -> None:
    """The pair would hash to the same parent if lengths were not looked at."""
    leaf, path, root = HASHES[0], REFERENCE.path(0, 2), REFERENCE.root(2)
    assert root_from_inclusion_path(leaf + path[0][:1], 0, 2, [path[0][1:]]) is None
    assert node_hash(leaf + path[0][:1], path[0][1:]) == root


@pytest.mark.parametrize(
    ("index", "size"), [(-1, 8), (8, 8), (0, 0), (-1, 0), (0, -1), (2**64, 8), (0, 2**200)]
)
def test_an_index_or_size_out_of_bounds_proves_nothing(index: int, size: int) -> None:
    assert root_from_inclusion_path(HASHES[0], index, size, REFERENCE.path(0, 8)) is None


@pytest.mark.parametrize(
    ("old", "new"), [(-1, 8), (9, 8), (3, 2**200), (2**200, 2**201), (-2, -1), (6, 6)]
)
def test_sizes_out_of_order_or_of_another_depth_prove_nothing(old: int, new: int) -> None:
    proof = REFERENCE.proof(6, 8)
    assert not verify_consistency(old, REFERENCE.root(6), new, REFERENCE.root(8), proof)


def test_a_log_that_shrinks_under_one_root_is_inconsistent() -> None:
    root = REFERENCE.root(4)
    assert not verify_consistency(4, root, 3, root, [])
    assert not verify_consistency(2, root, 1, root, [])


@pytest.mark.parametrize("index", [-1, 8, 2**70])
def test_the_path_of_a_leaf_that_is_not_there_is_refused(index: int) -> None:
    with pytest.raises(InvalidInputError, match="not a leaf of a log of 8 entries"):
        inclusion_path(HASHES[:8], index)


def test_paths_for_several_leaves_are_the_paths_of_each() -> None:
    paths = inclusion_paths(HASHES[:100], {99, 0, 42})
    assert paths == {index: inclusion_path(HASHES[:100], index) for index in (0, 42, 99)}


def test_the_leaf_hashes_are_left_as_they_were() -> None:
    hashes = list(HASHES[:7])
    tree_head(hashes)
    inclusion_paths(hashes, range(7))
    assert hashes == HASHES[:7]
