"""The vault on a real disk: nothing readable on it, and nothing changed on it goes unnoticed."""

import os
from pathlib import Path

import pytest
from nacl.public import PrivateKey

from tulen.errors import InvalidInputError, UnavailableError
from tulen.values import Digest
from tulen.vault import (
    MAX_READERS,
    DamagedDocumentError,
    DiskVault,
    DocumentNotFoundError,
    NotAReaderError,
    open_envelope,
    seal_envelope,
)

AUTHORITY = PrivateKey(b"\x01" * 32)
CUSTOMS = PrivateKey(b"\x02" * 32)
STRANGER = PrivateKey(b"\x03" * 32)
READERS = [bytes(AUTHORITY.public_key), bytes(CUSTOMS.public_key)]
CANARY = b"canary: 1,000 KGM of instant coffee, USD 10,000"


def vault(folder: Path, reader: PrivateKey | None = AUTHORITY) -> DiskVault:
    return DiskVault(folder, READERS, None if reader is None else bytes(reader))


def stored(folder: Path, reference: Digest) -> Path:
    name = reference.hex()
    return folder / name[:2] / name


@pytest.mark.parametrize("size", [0, 1, 100, 1 << 20])
def test_every_reader_gets_what_was_put(tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    reference = vault(tmp_path).put(data)
    assert vault(tmp_path).get(reference) == data
    assert vault(tmp_path, CUSTOMS).get(reference) == data


def test_nobody_else_gets_it(tmp_path: Path) -> None:
    reference = vault(tmp_path).put(CANARY)
    with pytest.raises(NotAReaderError):
        vault(tmp_path, STRANGER).get(reference)
    with pytest.raises(NotAReaderError):
        vault(tmp_path, None).get(reference)


def test_no_plaintext_reaches_the_disk(tmp_path: Path) -> None:
    vault(tmp_path).put(CANARY * 100)
    content = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert len(content) > len(CANARY) * 100
    assert CANARY[:12] not in content
    assert all(reader not in content for reader in READERS)


def test_one_document_put_twice_cannot_be_told_from_two(tmp_path: Path) -> None:
    assert vault(tmp_path).put(CANARY) != vault(tmp_path).put(CANARY)


def test_only_the_owner_may_read_the_files(tmp_path: Path) -> None:
    path = stored(tmp_path, vault(tmp_path).put(CANARY))
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_flipped_bit_is_our_damage_and_scrub_names_it(tmp_path: Path) -> None:
    references = [vault(tmp_path).put(CANARY) for _ in range(5)]
    assert vault(tmp_path).scrub() == []
    path = stored(tmp_path, references[3])
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert vault(tmp_path).scrub() == [references[3]]
    with pytest.raises(DamagedDocumentError, match="our copy"):
        vault(tmp_path).get(references[3])
    assert vault(tmp_path).get(references[2]) == CANARY


def test_a_cut_file_is_our_damage_too(tmp_path: Path) -> None:
    reference = vault(tmp_path).put(CANARY)
    os.truncate(stored(tmp_path, reference), 0)
    with pytest.raises(DamagedDocumentError):
        vault(tmp_path).get(reference)
    assert vault(tmp_path).scrub() == [reference]


def test_what_was_never_put_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(DocumentNotFoundError):
        vault(tmp_path).get(Digest(bytes(32)))


def test_an_unfinished_file_of_a_killed_process_is_no_document(tmp_path: Path) -> None:
    reference = vault(tmp_path).put(CANARY)
    (stored(tmp_path, reference).parent / ".unfinished-x").write_bytes(b"half")
    assert vault(tmp_path).scrub() == []


def test_an_empty_vault_has_no_damage(tmp_path: Path) -> None:
    assert vault(tmp_path / "none").scrub() == []


def test_every_flipped_byte_of_an_envelope_is_refused() -> None:
    envelope = seal_envelope(CANARY, READERS)
    for place in range(len(envelope)):
        broken = envelope[:place] + bytes((envelope[place] ^ 0x80,)) + envelope[place + 1 :]
        with pytest.raises((InvalidInputError, NotAReaderError)):
            open_envelope(broken, bytes(AUTHORITY))


def test_every_cut_of_an_envelope_is_refused() -> None:
    envelope = seal_envelope(CANARY, READERS)
    for length in range(len(envelope)):
        with pytest.raises((InvalidInputError, NotAReaderError)):
            open_envelope(envelope[:length], bytes(AUTHORITY))


@pytest.mark.parametrize(
    "readers", [[], READERS * MAX_READERS, [b"short"]], ids=["none", "too-many", "no-key"]
)
def test_a_document_needs_some_readers(readers: list[bytes]) -> None:
    with pytest.raises(InvalidInputError, match="readers"):
        seal_envelope(CANARY, readers)


def test_a_folder_that_cannot_be_written_is_an_outage_and_keeps_nothing(tmp_path: Path) -> None:
    occupied = tmp_path / "vault"
    occupied.write_text("a file in place of the folder")
    with pytest.raises(UnavailableError, match="cannot be written"):
        vault(occupied).put(CANARY)
