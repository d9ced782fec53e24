"""TXT records, from a file of what is known or else from a resolver."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Self

from tulen.errors import InvalidInputError, UnavailableError
from tulen.names.resolver import Resolver
from tulen.values import parse_strict
from tulen.verify.facts import Unavailable
from tulen.verify.open_attestation import NameRecords

_FILE: Final = "a file of the relying party"


class Names:
    """Reads TXT records; nothing that a resolver says is remembered.

    Args:
        known: Records by domain, which are not asked for.
        resolver: Whom to ask for the others; None asks nobody.
    """

    def __init__(self, known: Mapping[str, Iterable[str]], resolver: Resolver | None) -> None:
        self._known = {
            domain.lower(): NameRecords(tuple(texts), _FILE, authenticated=False)
            for domain, texts in known.items()
        }
        self._resolver = resolver

    @classmethod
    def of(cls, file: Path | None, resolver: Resolver | None) -> Self:
        """Return one whose known records are in ``file``, a JSON object of arrays of texts.

        Raises:
            InvalidInputError: the file cannot be read.
        """
        known = {} if file is None else _known_in(file)
        return cls(known, resolver)

    async def texts(self, domain: str) -> NameRecords | Unavailable:
        """Return the TXT records of ``domain``, or why they could not be read."""
        if domain in self._known:
            return self._known[domain]
        if self._resolver is None:
            return Unavailable(f"no resolver is set that could be asked for {domain}")
        try:
            return await self._resolver.texts(domain)
        except UnavailableError as error:
            return Unavailable(str(error))

    async def aclose(self) -> None:
        """Close the connections."""
        if self._resolver is not None:
            await self._resolver.aclose()


def _known_in(file: Path) -> dict[str, list[str]]:
    try:
        document = parse_strict(file.read_bytes())
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
        raise InvalidInputError("TULEN_OA_DNS_FILE", str(file), problem) from None
    except InvalidInputError as error:
        raise error.within(f"TULEN_OA_DNS_FILE: {file}") from None
    if not isinstance(document, dict) or not all(
        isinstance(texts, list) and all(isinstance(text, str) for text in texts)
        for texts in document.values()
    ):
        problem = "is not a JSON object of domains with arrays of texts"
        raise InvalidInputError("TULEN_OA_DNS_FILE", str(file), problem)
    return document
