"""Files that the project ships, one an agreement: read once, each named in what it gets wrong."""

import hashlib
import tomllib
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from types import MappingProxyType
from typing import Any, ClassVar, Protocol, TypeVar

from tulen.errors import InvalidInputError, NotFoundError
from tulen.values import AgreementCode, Digest


class OfAgreement(Protocol):
    """What one file holds."""

    @property
    def agreement(self) -> AgreementCode:
        """The agreement that it is for."""


T = TypeVar("T")
Held = TypeVar("Held", bound=OfAgreement)


class UnknownAgreementError(NotFoundError):
    """No file for an agreement is loaded."""

    code: ClassVar[str] = "unknown-agreement"

    def __init__(self, agreement: str, known: Sequence[str]) -> None:
        self.agreement = agreement
        super().__init__(f"{agreement}: no rules are loaded; known are {', '.join(known)}")


def shipped(
    folder: str, read: Callable[[bytes, str], Held], twice: str
) -> Mapping[AgreementCode, Held]:
    """Return what the TOML files of a folder of this package hold, by agreement.

    Args:
        folder: Its name.
        read: Reads the bytes of a file of a name.
        twice: What is said of the second file for one agreement.

    Raises:
        InvalidInputError: a file is malformed, or two are for one agreement.
    """
    found: dict[AgreementCode, Held] = {}
    files = resources.files("tulen.origin").joinpath(folder).iterdir()
    for file in sorted(files, key=lambda file: file.name):
        if file.name.endswith(".toml"):
            held = read(file.read_bytes(), file.name)
            if held.agreement in found:
                raise InvalidInputError(f"{file.name}#/agreement", held.agreement, twice)
            found[held.agreement] = held
    return MappingProxyType(found)


def of_agreement(agreement: AgreementCode, loaded: Mapping[AgreementCode, T]) -> T:
    """Return what is loaded for ``agreement``.

    Raises:
        UnknownAgreementError: nothing is.
    """
    if agreement not in loaded:
        raise UnknownAgreementError(agreement, sorted(loaded))
    return loaded[agreement]


def read_toml(data: bytes, name: str, read: Callable[[Mapping[str, Any], Digest], T]) -> T:
    """Return what ``read`` makes of a file's document and the SHA-256 of its bytes.

    Raises:
        InvalidInputError: the file is malformed; its field is ``name``, ``#`` and a JSON pointer.
    """
    try:
        document = tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInputError(name, str(error), "is not TOML in UTF-8") from error
    try:
        return read(document, Digest(hashlib.sha256(data).digest()))
    except InvalidInputError as error:
        raise error.within(f"{name}#") from error
