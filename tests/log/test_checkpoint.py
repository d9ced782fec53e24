"""Checkpoints: what `test_log_vectors` does not show."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey

from tulen.errors import InvalidInputError
from tulen.log import (
    EMPTY_ROOT,
    Checkpoint,
    SignedCheckpoint,
    key_id,
    log_name,
    note_body,
    signed_note,
)
from tulen.values import Digest, Ed25519PublicKey, PartyCode

KEY = SigningKey(sha256(b"a key").digest())
PUBLIC = Ed25519PublicKey(KEY.verify_key.encode())
ROOT = Digest(bytes(range(32)))
CHECKPOINT = Checkpoint("tulen/VN.MOIT", 20_852_163, ROOT)


def signed(checkpoint: Checkpoint) -> str:
    return signed_note(checkpoint, PUBLIC, KEY.sign(note_body(checkpoint)).signature)


def test_the_key_id_is_that_of_other_implementations() -> None:
    """The key in the documentation of Go's golang.org/x/mod/sumdb/note: id c74f20a3."""
    key = Ed25519PublicKey.from_hex(
        "1a5cd907143c384c41e830c5bce12aa8817ec5649aaabf2c31388b35b2d744d6", "key"
    )
    assert key_id("PeterNeumann", key).hex() == "c74f20a3"


def test_the_log_of_an_authority_is_named_after_it() -> None:
    assert log_name(PartyCode("VN.MOIT")) == CHECKPOINT.log_name


def test_the_signed_bytes_are_the_three_lines_with_their_ends() -> None:
    assert note_body(CHECKPOINT) == (
        b"tulen/VN.MOIT\n20852163\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
    )


@settings(max_examples=100)
@given(
    party=st.from_regex(PartyCode.pattern, fullmatch=True),
    size=st.integers(1, 2**64 - 1) | st.sampled_from([1, 2**53, 2**64 - 1]),
    root=st.binary(min_size=32, max_size=32),
)
def test_a_note_reads_back_as_it_was_written(party: str, size: int, root: bytes) -> None:
    checkpoint = Checkpoint(log_name(PartyCode(party)), size, Digest(root))
    text = signed(checkpoint)
    read = SignedCheckpoint.parse(text)
    assert read.checkpoint == checkpoint
    assert read.note == text
    assert text.encode().startswith(read.signed_bytes + b"\n")
    assert read.verify(PUBLIC)


def test_no_change_of_one_character_verifies() -> None:
    """Each character is replaced, doubled and dropped in turn."""
    text = signed(CHECKPOINT)
    for at, character in enumerate(text):
        for changed in ("", character * 2, "B" if character == "A" else "A", "\n", "\u00e9"):
            lie = text[:at] + changed + text[at + 1 :]
            if lie == text:
                continue
            try:
                believed = SignedCheckpoint.parse(lie).verify(PUBLIC)
            except InvalidInputError:
                believed = False
            assert not believed, (at, changed)


@settings(max_examples=200)
@given(st.text(max_size=300) | st.none() | st.integers() | st.binary())
def test_whatever_is_not_a_note_is_refused_in_the_name_of_its_field(text: object) -> None:
    with pytest.raises(InvalidInputError, match=r"^/log/checkpoint: "):
        SignedCheckpoint.parse(text, "/log/checkpoint")


def test_a_note_of_a_megabyte_is_refused_unread() -> None:
    with pytest.raises(InvalidInputError, match="up to 256 characters") as caught:
        SignedCheckpoint.parse("tulen/" + "A" * 2**20)
    assert len(str(caught.value)) < 300


def test_a_wrong_part_is_named_within_the_note() -> None:
    with pytest.raises(InvalidInputError, match=r"^/log/checkpoint/size: "):
        SignedCheckpoint.parse(
            signed(CHECKPOINT).replace("\n20852163\n", f"\n{2**64}\n"), "/log/checkpoint"
        )


def test_a_key_that_is_no_point_of_the_curve_verifies_nothing() -> None:
    for key in (bytes(32), b"\xff" * 32, b"\x01" + bytes(31)):
        public = Ed25519PublicKey(key)
        for signature in (bytes(64), b"\x01" + bytes(63), b"\xff" * 64):
            note = signed_note(CHECKPOINT, public, signature)
            assert not SignedCheckpoint.parse(note).verify(public)


@pytest.mark.parametrize("length", [0, 63, 65])
def test_a_signature_of_another_length_is_not_put_into_a_note(length: int) -> None:
    with pytest.raises(InvalidInputError, match=r"signature: .* is not 64 bytes"):
        signed_note(CHECKPOINT, PUBLIC, bytes(length))


def test_a_key_id_of_another_length_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"key_id: .* is not 4 bytes"):
        SignedCheckpoint(CHECKPOINT, bytes(5), bytes(64))


@pytest.mark.parametrize(
    ("field", "arguments"),
    {
        "log_name": ("VN.MOIT", 1, ROOT),
        "log_name ": ("tulen/vn.moit", 1, ROOT),
        "size": ("tulen/VN.MOIT", -1, ROOT),
        "size ": ("tulen/VN.MOIT", 2**64, ROOT),
        "root": ("tulen/VN.MOIT", 0, ROOT),
    }.items(),
)
def test_a_checkpoint_that_cannot_be_is_refused(
    field: str, arguments: tuple[str, int, Digest]
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Checkpoint(*arguments)
    assert caught.value.field == field.strip()


def test_an_empty_log_has_a_checkpoint() -> None:
    empty = Checkpoint("tulen/VN.MOIT", 0, Digest(EMPTY_ROOT))
    assert SignedCheckpoint.parse(signed(empty)).checkpoint == empty
