"""The part of `log_vectors` that is about the public log: notes, paths and bundles."""

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256

from nacl.signing import SigningKey

COSIGNED_AT = 1_679_315_147


def cosigned(key: SigningKey, truth: str) -> Iterator[dict[str, object]]:
    """Yield notes of the public log: ``truth``, signed with ``key``, and what others added."""
    witness, name = SigningKey(sha256(b"a witness").digest()), "witness.example/w1"
    line = cosignature(witness, name, truth, COSIGNED_AT)
    unknown = f"— other.example/x {b64encode(bytes(range(40))).decode()}\n"
    known = {"witness": name, "key": witness.verify_key.encode().hex()}
    body, own = truth.split("\n\n")
    for title, text, at in (
        ("no cosignature", truth, None),
        ("one cosignature", truth + line, COSIGNED_AT),
        ("after a signature that nobody knows", truth + unknown + line, COSIGNED_AT),
        ("before a signature that nobody knows", truth + line + unknown, COSIGNED_AT),
        ("a signature that nobody knows", truth + unknown, None),
        (
            "time altered",
            truth + cosignature(witness, name, truth, COSIGNED_AT, said=COSIGNED_AT + 1),
            None,
        ),
        (
            "of another checkpoint",
            truth + cosignature(witness, name, truth.replace("\n8\n", "\n9\n"), COSIGNED_AT),
            None,
        ),
        (
            "by another key under the same name",
            truth + cosignature(key, name, truth, COSIGNED_AT),
            None,
        ),
        ("under another name", truth + cosignature(witness, "w2", truth, COSIGNED_AT), None),
    ):
        yield {"name": title, "note": text, **known, "cosigned_at": at}
    for title, text in {
        "the cosignature first": f"{body}\n\n{line}{own}",
        "the cosignature twice": truth + line + line,
        "the log's own signature twice": truth + own,
        "no final newline": truth + line[:-1],
        "a blank line before it": f"{truth}\n{line}",
        "a name with a plus": truth + line.replace("example", "ex+ample"),
        "a name with a space": truth + line.replace("example", "ex ample"),
        "without padding": truth + unknown.replace("=", ""),
        "seventeen others": truth
        + "".join(f"— w{n} {b64encode(bytes(5)).decode()}\n" for n in range(17)),
    }.items():
        yield {"name": title, "note": text, **known, "refused_by": "parse"}


def cosignature(key: SigningKey, name: str, text: str, at: int, *, said: int | None = None) -> str:
    """Return the line of a cosignature of the note ``text`` (C2SP tlog-cosignature)."""
    message = f"cosignature/v1\ntime {at}\n" + text.split("\n\n", maxsplit=1)[0] + "\n"
    key_id = sha256(name.encode() + b"\n\x04" + key.verify_key.encode()).digest()[:4]
    signature = key.sign(message.encode()).signature
    signed = key_id + (at if said is None else said).to_bytes(8) + signature
    return f"— {name} {b64encode(signed).decode()}\n"


def layout() -> Iterator[dict[str, object]]:
    for size, level, index, path in (
        (70_000, 0, 0, "tile/0/000"),
        (70_000, 0, 272, "tile/0/272"),
        (70_000, 0, 273, "tile/0/273.p/112"),
        (70_000, 1, 0, "tile/1/000"),
        (70_000, 1, 1, "tile/1/001.p/17"),
        (70_000, 2, 0, "tile/2/000.p/1"),
        (70_000, None, 273, "tile/entries/273.p/112"),
        (256, 1, 0, "tile/1/000.p/1"),
        (2**40, 0, 1_234_067, "tile/0/x001/x234/067"),
        (2**40, None, 999_999, "tile/entries/x999/999"),
        (1, None, 0, "tile/entries/000.p/1"),
    ):
        yield {"size": size, "level": level, "index": index, "path": path}


def bundles() -> Iterator[dict[str, object]]:
    for count in (1, 2):
        held = [b"\x01" + sha256(b"%d" % number).digest() for number in range(count)]
        bundle = b"".join(b"\x00\x21" + entry for entry in held)
        yield {"entries": [entry.hex() for entry in held], "bundle": bundle.hex()}
