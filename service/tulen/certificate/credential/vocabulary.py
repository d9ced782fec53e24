"""Our own vocabulary: the JSON-LD context of a certificate of origin, as it is served."""

from functools import cache
from importlib import resources


@cache
def context_bytes() -> bytes:
    """Return the context document (docs/specs/credential.md describes its terms)."""
    return resources.files("tulen.certificate.credential").joinpath("context.jsonld").read_bytes()
