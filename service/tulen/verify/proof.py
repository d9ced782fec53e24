"""What a bundle proves by itself: the steps that ask neither chain nor calendar.

Their answers depend on the bytes of the file and on the loaded rule sets alone, so they are worked
out once for all the times that one file is shown. How the chain stands is never remembered here.
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from tulen.certificate import Bundle
from tulen.origin import load_packs
from tulen.verify import steps
from tulen.verify.case import Answer, Contents, question_of
from tulen.verify.facts import ChainQuestion
from tulen.verify.replay import Packs

REMEMBERED_BYTES: Final = 4 * 1024 * 1024
"""How many bytes of bundle files `Proofs` remembers: of certificates with ten materials about a
thousand. A proof takes some ten times the memory of its file."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A bundle with what it proves by itself.

    Attributes:
        contents: The bundle.
        question: What must be read on chain to judge it; None where that cannot be asked.
        size: Bytes of the file; None where it was not read from one.
        answers: The answers of steps 2 to 5 and 13, by number.
    """

    contents: Contents
    question: ChainQuestion | None
    size: int | None
    answers: dict[int, Answer]


def prove(bundle: bytes | Bundle, packs: Packs | None = None) -> Proof:
    """Return what ``bundle`` proves by itself.

    Args:
        bundle: The bytes of a file, or what `Bundle.parse` read from them.
        packs: The rule sets to replay origin with; those that the project ships where None.

    Raises:
        InvalidInputError: it cannot be read.
    """
    read = bundle if isinstance(bundle, Bundle) else Bundle.parse(bundle)
    presented = read.certificate
    contents = Contents(
        read, presented.heading, presented.digest, load_packs() if packs is None else packs
    )
    return Proof(
        contents,
        question_of(read),
        len(bundle) if isinstance(bundle, bytes) else None,
        {
            2: steps.seal(contents),
            3: steps.signature(contents),
            4: steps.checkpoint(contents),
            5: steps.logged(contents),
            13: steps.origin(contents),
        },
    )


class Proofs:
    """Remembers what the latest bundle files prove by themselves, by the hash of their bytes.

    Args:
        most_bytes: How many bytes of files are remembered at most.
    """

    def __init__(self, most_bytes: int = REMEMBERED_BYTES) -> None:
        self._most = most_bytes
        self._bytes = 0
        self._proofs: OrderedDict[bytes, Proof] = OrderedDict()

    def of(self, data: bytes | Bundle) -> Proof:
        """Return `prove` of ``data``, or raise as that does; only readable files are kept."""
        if isinstance(data, Bundle):
            return prove(data)
        name = hashlib.sha256(data).digest()
        proof = self._proofs.get(name)
        if proof is None:
            proof = self._proofs[name] = prove(data)
            self._bytes += len(data)
            while self._bytes > self._most:
                _, dropped = self._proofs.popitem(last=False)
                self._bytes -= dropped.size or 0
        else:
            self._proofs.move_to_end(name)
        return proof
