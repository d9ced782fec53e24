"""Digests and public keys: 32 bytes that are written as lower-case hexadecimal."""

from typing import ClassVar, Self

from tulen.errors import InvalidInputError


def bytes_of_hex(text: object, count: int) -> bytes | None:
    """Return the ``count`` bytes that ``text`` spells in lower-case hexadecimal, or None."""
    if not isinstance(text, str) or len(text) != 2 * count:
        return None
    try:
        value = bytes.fromhex(text)
    except ValueError:
        return None
    return value if value.hex() == text else None  # It also reads capitals and blanks.


class Bytes32(bytes):
    """Exactly 32 bytes.

    Raises:
        InvalidInputError: there are more or fewer.
    """

    __slots__ = ()
    meaning: ClassVar[str]
    length: ClassVar[int] = 32

    def __new__(cls, value: bytes) -> Self:
        """Return ``value`` as a checked constant."""
        if len(value) != cls.length:
            raise InvalidInputError(cls.__name__, value.hex(), f"is not {cls.length} bytes")
        return bytes.__new__(cls, value)

    @classmethod
    def from_hex(cls, text: object, field: str) -> Self:
        """Return the value that ``text`` spells in 64 lower-case hexadecimal digits."""
        if (value := bytes_of_hex(text, cls.length)) is None:
            raise InvalidInputError(
                field, text, f"is not {cls.meaning}: 64 lower-case hexadecimal digits"
            )
        return bytes.__new__(cls, value)

    def __str__(self) -> str:
        """Return 64 hexadecimal digits."""
        return self.hex()

    def __repr__(self) -> str:
        """Return the class name and the value."""
        return f"{type(self).__name__}({self.hex()})"


class Digest(Bytes32):
    """A SHA-256 digest."""

    __slots__ = ()
    meaning = "a SHA-256 digest"


class Ed25519PublicKey(Bytes32):
    """An Ed25519 public key (RFC 8032)."""

    __slots__ = ()
    meaning = "an Ed25519 public key"
