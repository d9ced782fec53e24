"""Makes ``tests/vectors/log.json``: what is so, and named lies that must be refused.

The figures come from the word-for-word reference, not from `tulen.log`. Run this file to write the
vectors, with ``--check`` to compare.
"""

import json
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

from nacl.signing import SigningKey
from public_log_vectors import bundles, cosigned, layout
from rfc9162_reference import ReferenceTree, consistency_holds, inclusion_holds

VECTORS = Path(__file__).parents[1] / "vectors" / "log.json"

PUBLISHED_LEAVES = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)
"""The leaves that the certificate transparency projects test with."""

COUNTED_LEAVES = 65_537
"""One more than a full tile of full tiles."""

BOUNDARIES = (1, 255, 256, 257, 65_535, 65_536, 65_537)

ABOUT = (
    "Test vectors of docs/specs/log.md. Bytes are lower-case hexadecimal.",
    "trees: leaves (given, or by rule) and the RFC 9162 root over the first `size` of them.",
    "inclusion: does `path` lead from `leaf_hash` at `index` to `root` in a tree of `size`?",
    "consistency: does `proof` lead from `old_root` to `new_root`? old_size is at least 1.",
    "Where valid is false the answer must be no.",
    "A proof alone does not fix the tree's size: lies about it stand here only where the shape of",
    "the path betrays them.",
    "tiles: SHA-256 of the tile's bytes in the counted tree at that size.",
    "checkpoints: refused_by says where a lie must end: `parse` (not the one spelling of a note)",
    "or `signature` (well spelled, but not signed by `key`).",
    "cosigned: notes of the public log. `cosigned_at` is when `witness` cosigned with `key`, null",
    "where it has not; with refused_by `parse`, the text is no such note.",
    "layout: where tile or bundle lies in a log of `size`; level null is for entries.",
    "bundles: entries of a log, and the bundle that holds them.",
)


@cache
def published_tree() -> ReferenceTree:
    return ReferenceTree([bytes.fromhex(leaf) for leaf in PUBLISHED_LEAVES])


@cache
def counted_tree() -> ReferenceTree:
    return ReferenceTree([index.to_bytes(4) for index in range(COUNTED_LEAVES)])


def generate() -> str:
    """Return the text of the vectors file."""
    vectors = {
        "format": "tulen/log-vectors/v1",
        "about": ABOUT,
        "entries": list(entries()),
        "trees": list(trees()),
        "inclusion": list(inclusion()),
        "consistency": list(consistency()),
        "tiles": list(tiles()),
        "checkpoints": list(checkpoints()),
        "cosigned": list(cosigned(*cosigned_note())),
        "layout": list(layout()),
        "bundles": list(bundles()),
    }
    return json.dumps(vectors, indent=1, ensure_ascii=True) + "\n"


def entries() -> Iterator[dict[str, object]]:
    for name in ("first certificate", "second certificate"):
        digest = sha256(name.encode()).digest()
        leaf_hash = sha256(b"\x00\x01" + digest).hexdigest()
        yield {"kind": 1, "digest": digest.hex(), "leaf_hash": leaf_hash}


def trees() -> Iterator[dict[str, object]]:
    for name, leaves, tree, sizes in (
        ("published", {"leaves": PUBLISHED_LEAVES}, published_tree(), range(9)),
        (
            "counted",
            {"leaf_rule": "the leaf's index as 4 bytes, big-endian"},
            counted_tree(),
            BOUNDARIES,
        ),
    ):
        roots = [{"size": size, "root": tree.root(size).hex()} for size in sizes]
        yield {"name": name, **leaves, "roots": roots}


def inclusion() -> Iterator[dict[str, object]]:
    for name, tree, places in (
        ("published", published_tree(), [(i, n) for n in range(1, 9) for i in range(n)]),
        (
            "counted",
            counted_tree(),
            [(n - 1, n) for n in BOUNDARIES] + [(0, 255), (0, 65_537), (40_000, 65_537)],
        ),
    ):
        for index, size in places:
            case = (tree.leaf_hash(index), index, size, tree.path(index, size), tree.root(size))
            yield inclusion_case(f"{name}, leaf {index} of {size}", case, valid=True)
    for tree, index, size in (
        (published_tree(), 3, 7),
        (published_tree(), 6, 7),
        (published_tree(), 0, 8),
        (counted_tree(), 200, 257),
    ):
        case = (tree.leaf_hash(index), index, size, tree.path(index, size), tree.root(size))
        for lie, told in inclusion_lies(case):
            if not inclusion_holds(*told):
                yield inclusion_case(f"leaf {index} of {size}, {lie}", told, valid=False)


InclusionCase = tuple[bytes, int, int, list[bytes], bytes]
ConsistencyCase = tuple[int, bytes, int, bytes, list[bytes]]


def inclusion_lies(case: InclusionCase) -> Iterator[tuple[str, InclusionCase]]:
    """Yield every single change of a true inclusion proof, by name."""
    leaf, index, size, path, root = case
    yield "leaf altered", (flip(leaf), index, size, path, root)
    yield "root altered", (leaf, index, size, path, flip(root))
    yield "index minus one", (leaf, index - 1, size, path, root)
    yield "index plus one", (leaf, index + 1, size, path, root)
    yield "size minus one", (leaf, index, size - 1, path, root)
    yield "size plus one", (leaf, index, size + 1, path, root)
    for name, lied in path_lies(path):
        yield name, (leaf, index, size, lied, root)
    if path:
        left_first = (path[0], leaf) if index & 1 or index == size - 1 else (leaf, path[0])
        above = sha256(b"\x01" + left_first[0] + left_first[1]).digest()
        yield "inner node as a leaf", (above, index >> 1, size, path[1:], root)


def consistency() -> Iterator[dict[str, object]]:
    for name, tree, pairs in (
        ("published", published_tree(), [(m, n) for n in range(1, 9) for m in range(1, n + 1)]),
        (
            "counted",
            counted_tree(),
            [(m, n) for n in BOUNDARIES for m in BOUNDARIES if m < n] + [(300, 40_000)],
        ),
    ):
        for old, new in pairs:
            case = (old, tree.root(old), new, tree.root(new), tree.proof(old, new))
            yield consistency_case(f"{name}, {old} to {new}", case, valid=True)
    for tree, old, new in (
        (published_tree(), 3, 7),
        (published_tree(), 4, 7),
        (published_tree(), 6, 8),
        (counted_tree(), 100, 257),
    ):
        case = (old, tree.root(old), new, tree.root(new), tree.proof(old, new))
        for lie, told in consistency_lies(case):
            if told[0] >= told[2] or not consistency_holds(*told):
                yield consistency_case(f"{old} to {new}, {lie}", told, valid=False)
    tree = published_tree()
    case = (5, tree.root(5), 5, tree.root(6), [])
    yield consistency_case("equal sizes, other root", case, valid=False)
    case = (5, tree.root(5), 5, tree.root(5), [tree.root(5)])
    yield consistency_case("equal sizes, proof extended", case, valid=False)


def consistency_lies(case: ConsistencyCase) -> Iterator[tuple[str, ConsistencyCase]]:
    """Yield every single change of a true consistency proof, by name."""
    old, old_root, new, new_root, proof = case
    yield "old root altered", (old, flip(old_root), new, new_root, proof)
    yield "new root altered", (old, old_root, new, flip(new_root), proof)
    yield "roots exchanged", (old, new_root, new, old_root, proof)
    yield "sizes exchanged", (new, old_root, old, new_root, proof)
    yield "old size minus one", (old - 1, old_root, new, new_root, proof)
    yield "old size plus one", (old + 1, old_root, new, new_root, proof)
    yield "new size minus one", (old, old_root, new - 1, new_root, proof)
    yield "new size plus one", (old, old_root, new + 1, new_root, proof)
    for name, lied in path_lies(proof):
        yield name, (old, old_root, new, new_root, lied)


def path_lies(path: list[bytes]) -> Iterator[tuple[str, list[bytes]]]:
    for at, node in enumerate(path):
        yield f"node {at} altered", [*path[:at], flip(node), *path[at + 1 :]]
        yield f"node {at} dropped", [*path[:at], *path[at + 1 :]]
        yield f"node {at} doubled", [*path[:at], node, *path[at:]]
        if at and path[at - 1] != node:
            swapped = [*path[: at - 1], node, path[at - 1], *path[at + 1 :]]
            yield f"nodes {at - 1} and {at} exchanged", swapped
    if len(path) > 1:
        yield "all nodes dropped", []
    yield "extended", [*path, sha256(b"one more").digest()]


def tiles() -> Iterator[dict[str, object]]:
    tree = counted_tree()
    leaves = b"".join(tree.leaf_hash(index) for index in range(600))
    roots = [bytes(ReferenceTree(tree.leaves[at : at + 256]).root(256)) for at in (0, 256)]
    for size, level, index, data in (
        (1, 0, 0, leaves[:32]),
        (255, 0, 0, leaves[: 32 * 255]),
        (256, 0, 0, leaves[: 32 * 256]),
        (256, 1, 0, roots[0]),
        (257, 0, 1, leaves[32 * 256 : 32 * 257]),
        (600, 0, 2, leaves[32 * 512 :]),
        (600, 1, 0, roots[0] + roots[1]),
    ):
        yield {
            "size": size,
            "level": level,
            "index": index,
            "hashes": len(data) // 32,
            "sha256": sha256(data).hexdigest(),
        }


def checkpoints() -> Iterator[dict[str, object]]:
    key, other = SigningKey(sha256(b"a key").digest()), SigningKey(sha256(b"another key").digest())
    name, size, root = "tulen/VN.MOIT", 8, published_tree().root(8)
    truth = note(key, name, size, root)
    public, stranger = key.verify_key.encode().hex(), other.verify_key.encode().hex()
    for title, n in (("eight entries", 8), ("no entries", 0)):
        root_n = published_tree().root(n)
        yield {
            "name": title,
            "note": note(key, name, n, root_n),
            "key": public,
            "log_name": name,
            "size": n,
            "root": root_n.hex(),
            "valid": True,
        }
    for title, text in misspelt(truth, root, key).items():
        yield refused(title, text, public, "parse")
    body, line = truth.split("\n\n")
    yield refused("checked with another key", truth, stranger, "signature")
    yield refused("signed with another key", note(other, name, size, root), public, "signature")
    yield refused("size altered", truth.replace("\n8\n", "\n9\n"), public, "signature")
    other_root = b64encode(published_tree().root(7)).decode()
    altered = truth.replace(b64encode(root).decode(), other_root)
    yield refused("root altered", altered, public, "signature")
    yield refused("log name altered", truth.replace("MOIT", "MOIX"), public, "signature")
    signed = b64decode(line.split(" ")[2])
    for title, lied in (
        ("key id altered", flip(signed)),
        ("signature altered at its beginning", signed[:4] + flip(signed[4:])),
        ("signature altered at its end", signed[:-1] + bytes([signed[-1] ^ 1])),
    ):
        text = f"{body}\n\n— {name} {b64encode(lied).decode()}\n"
        yield refused(title, text, public, "signature")


def misspelt(truth: str, root: bytes, key: SigningKey) -> dict[str, str]:
    """Return notes that say the same, or nearly, in another way."""
    body, line = truth.split("\n\n")
    name, size, root_text = body.split("\n")
    loose_root = root_text[:-2] + chr(ord(root_text[-2]) + 1) + "="
    loose_signature = line[:-3] + chr(ord(line[-3]) + 1) + "=\n"
    empty_root = sha256(b"").digest()
    return {
        "no final newline": truth[:-1],
        "newline after the note": truth + "\n",
        "newline before the note": "\n" + truth,
        "lines ended by CR LF": truth.replace("\n", "\r\n"),
        "no blank line": f"{body}\n{line}",
        "two blank lines": f"{body}\n\n\n{line}",
        "no signature": f"{body}\n\n",
        "signature twice": f"{body}\n\n{line}{line}",
        "extension line": f"{body}\nmore\n\n{line}",
        "hyphen instead of a dash": truth.replace("—", "-"),
        "no-break space after the dash": truth.replace("— ", "—\u00a0"),
        "two spaces after the dash": truth.replace("— ", "—  "),
        "another signer": truth.replace(f"— {name}", "— tulen/VN.MOIX"),
        "another kind of log": note(key, "other/VN.MOIT", 8, root),
        "party code in small letters": note(key, "tulen/vn.moit", 8, root),
        "no party code": note(key, "tulen/", 8, root),
        "size with a leading zero": truth.replace(f"\n{size}\n", f"\n0{size}\n"),
        "size with a sign": truth.replace(f"\n{size}\n", f"\n+{size}\n"),
        "size with a separator": truth.replace(f"\n{size}\n", "\n1_000\n"),
        "size in other digits": truth.replace(f"\n{size}\n", "\n\u0668\n"),
        "size negative": note(key, name, -1, root),
        "size of 65 bits": note(key, name, 2**64, root),
        "root of 31 bytes": note(key, name, 8, root[:31]),
        "root of 33 bytes": note(key, name, 8, root + b"\0"),
        "root with idle bits set": truth.replace(root_text, loose_root),
        "root without padding": truth.replace(root_text, root_text[:-1]),
        "root in hexadecimal": truth.replace(root_text, root.hex()),
        "no entries, but a root": note(key, name, 0, root),
        "root of the URL alphabet": note(key, name, 1, b"\xfb" * 32).replace("+", "-"),
        "signature with idle bits set": f"{body}\n\n{loose_signature}",
        "signature of 63 bytes": note(key, name, 8, root, cut=1),
        "upper-case root of nothing": note(key, name, 0, empty_root).replace("47DEQ", "47deq"),
        "empty": "",
    }


def cosigned_note() -> tuple[SigningKey, str]:
    """Return the authority's key, and the note that others cosign."""
    key = SigningKey(sha256(b"a key").digest())
    return key, note(key, "tulen/VN.MOIT", 8, published_tree().root(8))


def note(key: SigningKey, name: str, size: int, root: bytes, *, cut: int = 0) -> str:
    body = f"{name}\n{size}\n{b64encode(root).decode()}\n"
    public = key.verify_key.encode()
    key_id = sha256(name.encode() + b"\n\x01" + public).digest()[:4]
    signature = key.sign(body.encode()).signature
    signed = (key_id + signature)[: 68 - cut]
    return f"{body}\n— {name} {b64encode(signed).decode()}\n"


def inclusion_case(name: str, case: InclusionCase, *, valid: bool) -> dict[str, object]:
    leaf, index, size, path, root = case
    return {
        "name": name,
        "leaf_hash": leaf.hex(),
        "index": index,
        "size": size,
        "path": [node.hex() for node in path],
        "root": root.hex(),
        "valid": valid,
    }


def consistency_case(name: str, case: ConsistencyCase, *, valid: bool) -> dict[str, object]:
    old, old_root, new, new_root, proof = case
    return {
        "name": name,
        "old_size": old,
        "old_root": old_root.hex(),
        "new_size": new,
        "new_root": new_root.hex(),
        "proof": [node.hex() for node in proof],
        "valid": valid,
    }


def refused(name: str, text: str, key: str, by: str) -> dict[str, object]:
    return {"name": name, "note": text, "key": key, "valid": False, "refused_by": by}


def flip(data: bytes) -> bytes:
    """Return ``data`` with its first bit changed."""
    return bytes([data[0] ^ 0x80]) + data[1:]


def main() -> int:
    text = generate()
    if sys.argv[1:] == ["--check"]:
        return 0 if VECTORS.read_text("utf-8") == text else 1
    VECTORS.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
