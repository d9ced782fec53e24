"""Cosigned checkpoints: what `test_log_vectors` does not show."""

from base64 import b64encode
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey

from tulen.errors import InvalidInputError
from tulen.log import (
    Checkpoint,
    NoteSignature,
    PublishedCheckpoint,
    SignedCheckpoint,
    cosignature,
    cosigned_bytes,
    note_body,
    signed_note,
)
from tulen.values import Digest, Ed25519PublicKey

LOG_KEY, KEY = (SigningKey(sha256(name).digest()) for name in (b"a key", b"a witness"))
PUBLIC = Ed25519PublicKey(KEY.verify_key.encode())
WITNESS = "witness.example/w1"
CHECKPOINT = Checkpoint("tulen/VN.MOIT", 20_852_163, Digest(bytes(range(32))))
AT = 1_679_315_147
SIGNED = SignedCheckpoint.parse(
    signed_note(
        CHECKPOINT,
        Ed25519PublicKey(LOG_KEY.verify_key.encode()),
        LOG_KEY.sign(note_body(CHECKPOINT)).signature,
    )
)
FOREIGN = NoteSignature("other.example/post-quantum", b"\x01\x02\x03\x04", bytes(2428))


def line(checkpoint: Checkpoint = CHECKPOINT, at: int = AT, name: str = WITNESS) -> NoteSignature:
    return cosignature(name, PUBLIC, at, KEY.sign(cosigned_bytes(checkpoint, at)).signature)


COSIGNED = PublishedCheckpoint(SIGNED, (line(),))


def test_the_signed_message_is_that_of_c2sp_tlog_cosignature() -> None:
    assert cosigned_bytes(CHECKPOINT, AT) == (
        b"cosignature/v1\ntime 1679315147\n"
        b"tulen/VN.MOIT\n20852163\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
    )


def test_a_cosigned_note_reads_back_byte_for_byte() -> None:
    for others in ((), (line(),), (FOREIGN, line()), (line(), FOREIGN)):
        published = PublishedCheckpoint(SIGNED, others)
        read = PublishedCheckpoint.parse(published.note)
        assert read == published
        assert read.note == published.note
        assert published.note.startswith(SIGNED.note)


def test_a_witness_is_believed_for_what_it_signed() -> None:
    assert COSIGNED.cosigned_at(WITNESS, PUBLIC) == AT
    assert COSIGNED.cosigned_at("witness.example/w2", PUBLIC) is None
    other = Ed25519PublicKey(SigningKey(bytes(32)).verify_key.encode())
    assert COSIGNED.cosigned_at(WITNESS, other) is None


def test_no_change_of_one_bit_of_a_cosignature_is_believed() -> None:
    good = line()
    for at in range(8 * len(good.signature)):
        changed = bytearray(good.signature)
        changed[at // 8] ^= 1 << at % 8
        lie = NoteSignature(good.name, good.key_id, bytes(changed))
        assert PublishedCheckpoint(SIGNED, (lie,)).cosigned_at(WITNESS, PUBLIC) is None, at


def test_a_cosignature_of_another_checkpoint_or_length_is_not_believed() -> None:
    other = Checkpoint(CHECKPOINT.log_name, CHECKPOINT.size + 1, CHECKPOINT.root)
    good = line()
    short = NoteSignature(good.name, good.key_id, good.signature[:-1])
    long = NoteSignature(good.name, good.key_id, good.signature + b"\0")
    for lie in (line(other), short, long):
        assert PublishedCheckpoint(SIGNED, (lie,)).cosigned_at(WITNESS, PUBLIC) is None


def test_a_newer_cosignature_takes_the_place_of_its_keys_earlier_one() -> None:
    again = PublishedCheckpoint(SIGNED, (line(), FOREIGN)).cosigned_by(line(at=AT + 9))
    assert [other.name for other in again.others] == [FOREIGN.name, WITNESS]
    assert again.cosigned_at(WITNESS, PUBLIC) == AT + 9


def test_more_signatures_than_a_note_may_have_are_refused() -> None:
    others = tuple(NoteSignature(f"w{number}", bytes(4), b"x") for number in range(17))
    PublishedCheckpoint(SIGNED, others[:16])
    with pytest.raises(InvalidInputError, match="are more than 16"):
        PublishedCheckpoint(SIGNED, others)


def test_a_bundles_checkpoint_has_no_cosignature() -> None:
    short = PublishedCheckpoint(SIGNED, (NoteSignature("w", bytes(4), b"x"),))
    with pytest.raises(InvalidInputError, match="one signature line"):
        SignedCheckpoint.parse(short.note)
    with pytest.raises(InvalidInputError, match="up to 256 characters"):
        SignedCheckpoint.parse(COSIGNED.note)


def base64(data: bytes) -> str:
    return b64encode(data).decode()


@pytest.mark.parametrize(
    "others",
    {
        "without its end": COSIGNED.note.removeprefix(SIGNED.note)[:-1],
        "a blank line": "\n",
        "a hyphen": f"- w {base64(bytes(12))}\n",
        "no name": f"—  {base64(bytes(12))}\n",
        "a plus in the name": f"— w+w {base64(bytes(12))}\n",
        "a no-break space in the name": f"— w\u00a0w {base64(bytes(12))}\n",
        "a control character in the name": f"— w\x01w {base64(bytes(12))}\n",
        "two spaces": f"— w  {base64(bytes(12))}\n",
        "only a key id": f"— w {base64(bytes(4))}\n",
        "not base64": "— w AAAAA\n",
        "idle bits": "— w AAAAAAB=\n",
        "a carriage return": f"— w {base64(bytes(12))}\r\n",
        "a line of a megabyte": f"— w {base64(bytes(2**20))}\n",
        "the same key twice": 2 * COSIGNED.note.removeprefix(SIGNED.note),
        "the log's signature twice": SIGNED.note.split("\n\n")[1],
    }.values(),
)
def test_a_line_that_is_no_signature_is_refused(others: str) -> None:
    with pytest.raises(InvalidInputError):
        PublishedCheckpoint.parse(SIGNED.note + others)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_whatever_is_not_a_note_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        PublishedCheckpoint.parse(text)
    with pytest.raises(InvalidInputError):
        PublishedCheckpoint.parse(SIGNED.note + text + "x")


@pytest.mark.parametrize("at", [-1, 2**63])
def test_a_time_that_no_cosignature_can_say_is_refused(at: int) -> None:
    with pytest.raises(InvalidInputError, match="time"):
        cosigned_bytes(CHECKPOINT, at)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb"])
def test_a_name_that_no_note_can_hold_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError, match="name"):
        line(name=name)
