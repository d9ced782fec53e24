"""The TXT records by which a domain names a document store or a key as its own.

``openatts net=ethereum netId=1 addr=0x...`` names a store, ``openatts a=dns-did; p=did:...; v=1.0``
a key. Records of others stand beside them and are passed over.
"""

import re
from collections.abc import Iterable
from typing import Final

_TYPE: Final = "openatts"
_MEMBER: Final = re.compile(r"([A-Za-z]+)=([^\s;]+);?")


def names_store(texts: Iterable[str], chain_id: int, address: str) -> bool:
    """Return whether a record names the document store at ``address``, in lower case."""
    return any(
        record.get("net") == "ethereum"
        and record.get("netId") == str(chain_id)
        and record.get("addr", "").lower() == address
        for record in map(_members, texts)
    )


def names_key(texts: Iterable[str], key: str) -> bool:
    """Return whether a record names the key ``key``, in lower case."""
    return any(
        record.get("a") == "dns-did" and record.get("p", "").lower() == key
        for record in map(_members, texts)
    )


def _members(text: str) -> dict[str, str]:
    """Return the members of a record; none where it is of another kind, or names one twice."""
    kind, *rest = text.split() or [""]
    found = [_MEMBER.fullmatch(member) for member in rest]
    members = {member[1]: member[2] for member in found if member is not None}
    return members if kind == _TYPE and len(members) == len(rest) else {}
