"""Documents, encrypted before they leave the process.

A document has a key of its own, which is sealed to each reader; its address is the SHA-256 of the
encrypted envelope. So where it lies needs to be trusted with nothing but keeping it.
"""

from tulen.vault.disk import (
    DamagedDocumentError,
    DiskVault,
    DocumentNotFoundError,
)
from tulen.vault.envelope import MAX_READERS, NotAReaderError, open_envelope, seal_envelope

__all__ = [
    "MAX_READERS",
    "DamagedDocumentError",
    "DiskVault",
    "DocumentNotFoundError",
    "NotAReaderError",
    "open_envelope",
    "seal_envelope",
]
