"""Redaction: some claims of a certificate for one reader, and nothing of the others."""

from collections.abc import Collection

from tulen.certificate.model import Certificate
from tulen.certificate.presentation import (
    DisclosedAllowance,
    DisclosedClaim,
    RedactedPresentation,
    least_leaves,
)
from tulen.certificate.seal import Salts, seal
from tulen.errors import InvalidInputError
from tulen.log import inclusion_paths
from tulen.values import Digest


def redact(
    certificate: Certificate,
    seed: bytes,
    pointers: Collection[str],
    *,
    allowances: Collection[int] = (),
) -> RedactedPresentation:
    """Return a presentation that discloses ``pointers`` and no other claim.

    Args:
        certificate: What is presented.
        seed: The certificate's seed, which stays here.
        pointers: JSON pointers of claims, or of objects and arrays, meaning all claims below.
        allowances: Line numbers whose allowances are presented too.

    Raises:
        InvalidInputError: a pointer or a line names nothing in the certificate.
    """
    sealed = seal(certificate, seed)
    salts = Salts(seed)
    known = [pointer for pointer, _ in sealed.claims]
    for pointer in pointers:
        if pointer not in known and not any(name.startswith(f"{pointer}/") for name in known):
            raise InvalidInputError("/pointers", pointer, "names nothing in the certificate")
    for line in allowances:
        if not 0 < line <= len(sealed.allowances):
            raise InvalidInputError("/allowances", line, "is not a line of the certificate")
    wanted = set(pointers)
    claims = [index for index, name in enumerate(known) if not wanted.isdisjoint(_upwards(name))]
    lines = sorted(set(allowances))
    indices = [*claims, *(len(known) + line - 1 for line in lines)]
    paths = {
        index: tuple(map(Digest, path))
        for index, path in inclusion_paths(sealed.leaf_hashes, indices).items()
    }
    return RedactedPresentation(
        least_leaves(indices, len(sealed.leaf_hashes)),
        tuple(
            DisclosedClaim(index, *sealed.claims[index], salts.of(known[index]), paths[index])
            for index in claims
        ),
        tuple(
            DisclosedAllowance(index, sealed.allowances[line - 1], paths[index])
            for line, index in zip(lines, indices[len(claims) :], strict=True)
        ),
    )


def _upwards(pointer: str) -> list[str]:
    """Return ``pointer`` and every pointer that it stands below."""
    steps = pointer.split("/")
    return ["/".join(steps[:count]) for count in range(len(steps), 1, -1)]
