"""Key files and signers, on the real file system."""

import hashlib
import json
import stat
from pathlib import Path

import pytest
from eth_account import Account
from nacl.bindings import crypto_scalarmult_base
from nacl.signing import VerifyKey

from tulen.errors import InvalidInputError
from tulen.keys import (
    QUICK,
    RESISTANT,
    AccountSigner,
    DamagedKeyFileError,
    Ed25519Signer,
    KeyFile,
    KeyFileExistsError,
    KeyKind,
    KeyNotFoundError,
    KeyStore,
    WrongKeyKindError,
    WrongPassphraseError,
)
from tulen.values import PartyCode, canonical_bytes

MOIT = PartyCode("VN.MOIT")
PASSPHRASE = "correct horse battery staple"  # noqa: S105 - opens test keys only
SECRET = bytes(range(1, 33))


def made(path: Path, kind: KeyKind = KeyKind.ED25519) -> KeyFile:
    return KeyFile.create(path, kind, PASSPHRASE, private_key=SECRET, cost=QUICK)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("kind", KeyKind)
def test_a_key_comes_back_as_it_went_in(tmp_path: Path, kind: KeyKind) -> None:
    written = made(tmp_path / "a.json", kind)
    read = KeyFile.read(tmp_path / "a.json")
    assert read == written
    assert read.private_key(kind, PASSPHRASE) == SECRET


def test_the_public_part_is_that_of_the_key(tmp_path: Path) -> None:
    publics = {kind: made(tmp_path / f"{kind}.json", kind).public for kind in KeyKind}
    assert publics == {
        KeyKind.ED25519: str(Ed25519Signer(SECRET).public_key),
        KeyKind.SECP256K1: str(Account.from_key(SECRET).address),
        KeyKind.X25519: crypto_scalarmult_base(SECRET).hex(),
    }


def test_only_the_owner_may_read_it_and_nothing_else_is_left(tmp_path: Path) -> None:
    made(tmp_path / "a.json")
    assert names(tmp_path) == ["a.json"]
    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == 0o600


def test_the_private_key_is_not_in_the_file(tmp_path: Path) -> None:
    made(tmp_path / "a.json")
    content = (tmp_path / "a.json").read_bytes()
    assert SECRET not in content
    assert SECRET.hex().encode() not in content


def test_the_private_key_is_in_no_representation(tmp_path: Path) -> None:
    file = made(tmp_path / "a.json")
    store = KeyStore(tmp_path, PASSPHRASE, cost=QUICK)
    shown = repr([file, store, Ed25519Signer(SECRET), AccountSigner(SECRET)])
    assert SECRET.hex() not in shown
    assert repr(SECRET) not in shown
    assert PASSPHRASE not in shown


def test_a_file_is_never_written_over(tmp_path: Path) -> None:
    before = made(tmp_path / "a.json")
    with pytest.raises(KeyFileExistsError, match=r"a\.json exists"):
        KeyFile.create(tmp_path / "a.json", KeyKind.ED25519, PASSPHRASE, cost=QUICK)
    assert KeyFile.read(tmp_path / "a.json") == before
    assert names(tmp_path) == ["a.json"]


def test_another_passphrase_does_not_open_it(tmp_path: Path) -> None:
    file = made(tmp_path / "a.json")
    with pytest.raises(WrongPassphraseError, match="does not open") as caught:
        file.private_key(KeyKind.ED25519, PASSPHRASE + "s")
    assert PASSPHRASE not in str(caught.value)


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongKeyKindError, match="kind x25519, not ed25519"):
        made(tmp_path / "a.json", KeyKind.X25519).private_key(KeyKind.ED25519, PASSPHRASE)


def test_an_empty_passphrase_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="passphrase"):
        KeyFile.create(tmp_path / "a.json", KeyKind.ED25519, "", cost=QUICK)


def test_a_key_of_another_length_is_refused_without_showing_it(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError) as caught:
        KeyFile.create(
            tmp_path / "a.json", KeyKind.ED25519, PASSPHRASE, private_key=SECRET[:31], cost=QUICK
        )
    assert SECRET[:31].hex() not in str(caught.value)


def test_a_cut_or_a_flipped_bit_anywhere_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    made(path)
    whole = path.read_bytes()
    for length in range(
        0, len(whole) - 2, 7
    ):  # Without its last line end it is still the same JSON.
        path.write_bytes(whole[:length])
        with pytest.raises(DamagedKeyFileError, match="restore it"):
            KeyFile.read(path)
    for place in range(0, len(whole) - 1, 5):
        path.write_bytes(whole[:place] + bytes((whole[place] ^ 1,)) + whole[place + 1 :])
        with pytest.raises(DamagedKeyFileError, match="restore it"):
            KeyFile.read(path)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("memory_bytes", 1 << 40),
        ("operations", 10**6),
        ("operations", "3"),
        ("format", "tulen/key/v2"),
        ("kind", "rsa"),
        ("extra", 1),
    ],
)
def test_a_file_with_a_good_checksum_but_other_members_is_refused(
    tmp_path: Path, member: str, value: object
) -> None:
    path = tmp_path / "a.json"
    made(path)
    rewrite(path, {member: value})
    with pytest.raises(DamagedKeyFileError):
        KeyFile.read(path)


def test_what_the_file_says_of_its_key_is_authenticated(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    made(path)
    rewrite(path, {"public": "00" * 32})
    with pytest.raises(WrongPassphraseError):
        KeyFile.read(path).private_key(KeyKind.ED25519, PASSPHRASE)


def rewrite(path: Path, changes: dict[str, object]) -> None:
    document = json.loads(path.read_bytes()) | changes
    del document["checksum"]
    document["checksum"] = hashlib.sha256(canonical_bytes(document)).hexdigest()
    path.write_bytes(canonical_bytes(document))


def test_the_resistant_cost_opens_too(tmp_path: Path) -> None:
    file = KeyFile.create(tmp_path / "a.json", KeyKind.ED25519, PASSPHRASE, cost=RESISTANT)
    assert len(file.private_key(KeyKind.ED25519, PASSPHRASE)) == 32


def test_an_ed25519_signature_verifies_and_is_deterministic() -> None:
    signer = Ed25519Signer(SECRET)
    signature = signer.sign(b"message")
    assert len(signature) == 64
    assert signature == signer.sign(b"message")
    VerifyKey(bytes(signer.public_key)).verify(b"message", signature)


def test_ed25519_agrees_with_rfc_8032_test_1() -> None:
    signer = Ed25519Signer(
        bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    )
    assert str(signer.public_key) == (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    )
    assert signer.sign(b"").hex() == (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    )


def test_an_account_signs_transactions_that_are_its_own() -> None:
    signer = AccountSigner(SECRET)
    raw, tx_hash = signer.sign_transaction(
        {
            "type": 2,
            "chainId": 31337,
            "nonce": 7,
            "to": "0x" + "11" * 20,
            "value": 0,
            "gas": 21_000,
            "maxFeePerGas": 2,
            "maxPriorityFeePerGas": 1,
        }
    )
    assert len(tx_hash) == 32
    assert Account.recover_transaction(raw) == signer.address


def test_a_store_finds_keys_by_party_and_purpose(tmp_path: Path) -> None:
    store = KeyStore(tmp_path, PASSPHRASE, cost=QUICK)
    store.create(MOIT, "certificate", KeyKind.ED25519, private_key=SECRET)
    store.create(MOIT, "chain", KeyKind.SECP256K1, private_key=SECRET)
    store.create(MOIT, "documents", KeyKind.X25519, private_key=SECRET)
    assert names(tmp_path) == [
        "VN.MOIT.certificate.key.json",
        "VN.MOIT.chain.key.json",
        "VN.MOIT.documents.key.json",
    ]
    assert store.ed25519(MOIT, "certificate").public_key == Ed25519Signer(SECRET).public_key
    assert store.account(MOIT, "chain").address == Account.from_key(SECRET).address
    assert store.x25519(MOIT, "documents") == SECRET


def test_a_store_names_the_file_that_is_missing(tmp_path: Path) -> None:
    store = KeyStore(tmp_path, PASSPHRASE, cost=QUICK)
    assert store.find(MOIT, "certificate") is None
    with pytest.raises(KeyNotFoundError, match=r"VN\.MOIT\.certificate\.key\.json"):
        store.ed25519(MOIT, "certificate")


@pytest.mark.parametrize("purpose", ["", "../certificate", "a/b", "A", "a."])
def test_a_purpose_cannot_leave_the_folder(tmp_path: Path, purpose: str) -> None:
    with pytest.raises(InvalidInputError, match="purpose"):
        KeyStore(tmp_path, PASSPHRASE).find(MOIT, purpose)


def test_new_keys_are_random(tmp_path: Path) -> None:
    store = KeyStore(tmp_path, PASSPHRASE, cost=QUICK)
    first = store.create(MOIT, "one", KeyKind.ED25519)
    second = store.create(MOIT, "two", KeyKind.ED25519)
    assert first.public != second.public
