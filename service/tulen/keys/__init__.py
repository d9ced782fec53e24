"""Signers, and the encrypted files that their private keys rest in.

Two purposes, two kinds of keys: Ed25519 signs certificates and checkpoints, whose signatures
outlive any chain; a secp256k1 account sends transactions. A third kind, X25519, opens documents of
the vault. A private key is in memory only inside the object that uses it, and never in a message.
"""

from tulen.keys.account import AccountSigner
from tulen.keys.ed25519 import Ed25519Signer
from tulen.keys.keyfile import (
    QUICK,
    RESISTANT,
    DamagedKeyFileError,
    KeyFile,
    KeyFileExistsError,
    KeyKind,
    PassphraseCost,
    WrongKeyKindError,
    WrongPassphraseError,
)
from tulen.keys.store import KeyNotFoundError, KeyStore

__all__ = [
    "QUICK",
    "RESISTANT",
    "AccountSigner",
    "DamagedKeyFileError",
    "Ed25519Signer",
    "KeyFile",
    "KeyFileExistsError",
    "KeyKind",
    "KeyNotFoundError",
    "KeyStore",
    "PassphraseCost",
    "WrongKeyKindError",
    "WrongPassphraseError",
]
