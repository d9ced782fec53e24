"""Bitstring Status Lists: one bit for each entry of an authority's log, revoked or suspended.

"Bitstring Status List v1.0" (W3C, 2025). The index of a certificate is that of its log entry, so
the lists can be made again from log and chain at any time, and nothing is kept for them.
"""

import re
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from tulen.certificate.credential.encoding import base64url, from_base64url
from tulen.certificate.credential.model import CONTEXT, CREDENTIAL_TYPE, Credential
from tulen.certificate.credential.refusals import Cause, RefusedCredentialError
from tulen.errors import InvalidInputError
from tulen.values import PartyCode, instant_text
from tulen.values.fields import Document

LIST_BITS: Final = 131_072
"""Bits of each list that is made here, and the fewest that the specification allows."""
MAX_LIST_BYTES: Final = 4 << 20
"""Most that a list of others may hold when it is unpacked: 33 million entries."""
LIST_TYPE: Final = "BitstringStatusListCredential"
SUBJECT_TYPE: Final = "BitstringStatusList"
ENTRY_TYPE: Final = "BitstringStatusListEntry"
LISTS_PATH: Final = "v1/status-lists"

_BYTE: Final = 8
_GZIP: Final = zlib.MAX_WBITS | 16
_NAME = re.compile(r"([A-Z0-9.-]+)-(revocation|suspension)-(0|[1-9][0-9]{0,9})")


class Purpose(StrEnum):
    """What a set bit says."""

    REVOCATION = "revocation"
    SUSPENSION = "suspension"


@dataclass(frozen=True, slots=True)
class ListName:
    """The name of a list: whose it is, what for, and which stretch of the log it covers.

    Attributes:
        authority: The authority.
        purpose: What a set bit says.
        number: Which list, from 0: entries ``number * LIST_BITS`` and on.
    """

    authority: PartyCode
    purpose: Purpose
    number: int

    @classmethod
    def parse(cls, text: str) -> "ListName":
        """Return the name that ``text`` spells, as ``VN.MOIT-revocation-0``.

        Raises:
            InvalidInputError: it spells none.
        """
        found = _NAME.fullmatch(text)
        if found is None:
            raise InvalidInputError("list", text, "is no list such as VN.MOIT-revocation-0")
        return cls(PartyCode(found[1], "list"), Purpose(found[2]), int(found[3]))

    def __str__(self) -> str:
        """Return the name."""
        return f"{self.authority}-{self.purpose}-{self.number}"

    @property
    def first(self) -> int:
        """Index of the log entry that its first bit stands for."""
        return self.number * LIST_BITS

    def url(self, public_url: str) -> str:
        """Return where the list is published."""
        return f"{public_url.rstrip('/')}/{LISTS_PATH}/{self}"


def entries_for(authority: PartyCode, index: int, public_url: str) -> list[Document]:
    """Return the status entries of the certificate that is entry ``index`` of a log."""
    number, bit = divmod(index, LIST_BITS)
    entries: list[Document] = []
    for purpose in Purpose:
        url = ListName(authority, purpose, number).url(public_url)
        entries.append(
            {
                "id": f"{url}#{bit}",
                "type": ENTRY_TYPE,
                "statusPurpose": purpose.value,
                "statusListIndex": str(bit),
                "statusListCredential": url,
            }
        )
    return entries


def list_document(
    name: ListName,
    bits: Collection[int],
    *,
    issuer: str,
    public_url: str,
    at: datetime,
    until: datetime,
    ttl_milliseconds: int,
) -> Document:
    """Return the credential of a list, without its proof.

    Args:
        name: Which list.
        bits: The bits that are set, counted from the list's first.
        issuer: DID of the authority.
        public_url: Where the office is reached.
        at: As of when.
        until: When it is too old to be relied on.
        ttl_milliseconds: After how long a verifier should ask again.
    """
    url = name.url(public_url)
    return {
        "@context": [CONTEXT],
        "id": url,
        "type": [CREDENTIAL_TYPE, LIST_TYPE],
        "issuer": issuer,
        "validFrom": instant_text(at),
        "validUntil": instant_text(until),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": SUBJECT_TYPE,
            "statusPurpose": name.purpose.value,
            "encodedList": encode_list(bits),
            "ttl": ttl_milliseconds,
        },
    }


def encode_list(bits: Collection[int], length: int = LIST_BITS) -> str:
    """Return a list of ``length`` bits, of which ``bits`` are set, as ``encodedList`` holds it."""
    packed = bytearray(length // _BYTE)
    for bit in bits:
        packed[bit // _BYTE] |= 0x80 >> bit % _BYTE  # Index 0 is the left-most bit.
    compressor = zlib.compressobj(wbits=_GZIP)
    return f"u{base64url(compressor.compress(packed) + compressor.flush())}"


def decode_list(text: object, field: str) -> bytes:
    """Return the bits that an ``encodedList`` holds; it is never unpacked beyond `MAX_LIST_BYTES`.

    Raises:
        InvalidInputError: it is malformed, too short, or would unpack to more.
    """
    if not isinstance(text, str) or not text.startswith("u"):
        raise InvalidInputError(field, text, "is not multibase: u and base64url")
    unpacker = zlib.decompressobj(wbits=_GZIP)
    try:
        bits = unpacker.decompress(from_base64url(text[1:], field), MAX_LIST_BYTES)
    except zlib.error as error:
        raise InvalidInputError(field, text, f"is not GZIP: {error}") from error
    if unpacker.unconsumed_tail or not unpacker.eof or unpacker.unused_data:
        raise InvalidInputError(
            field, text, f"is not one GZIP stream of up to {MAX_LIST_BYTES} bytes"
        )
    if len(bits) * _BYTE < LIST_BITS:
        raise InvalidInputError(field, f"{len(bits)} bytes", f"are fewer than {LIST_BITS} bits")
    return bits


def is_set(credential: Credential, purpose: str, index: int) -> bool:
    """Return whether the list in ``credential`` has the bit ``index`` set for that purpose.

    Raises:
        RefusedCredentialError: it is no such list, or has no such bit.
    """
    subject = credential.subject or {}
    if LIST_TYPE not in credential.types or subject.get("type") != SUBJECT_TYPE:
        raise _no_list("/type", ", ".join(credential.types), f"is no {LIST_TYPE}")
    purposes = subject.get("statusPurpose")
    if purpose not in (purposes if isinstance(purposes, list) else [purposes]):
        raise _no_list("/credentialSubject/statusPurpose", purposes, f"is not {purpose!r}")
    try:
        bits = decode_list(subject.get("encodedList"), "/credentialSubject/encodedList")
    except InvalidInputError as error:
        raise _no_list(error.field, error.value, error.problem) from error
    if index >= len(bits) * _BYTE:
        raise _no_list("/statusListIndex", index, f"is beyond {len(bits) * _BYTE}")
    return bool(bits[index // _BYTE] & 0x80 >> index % _BYTE)


def _no_list(field: str, value: object, problem: str) -> RefusedCredentialError:
    return RefusedCredentialError(Cause.WRONG_STATUS_LIST, field, value, problem)
