"""The files that say whom an office trusts and how it opens its keys."""

from pathlib import Path

from tulen.chain.deployment import Deployment
from tulen.errors import UnavailableError
from tulen.values import parse_strict


def deployment_in(file: Path) -> Deployment:
    """Return the deployment that ``file`` describes.

    Raises:
        UnavailableError: there is no such file.
        InvalidInputError: it is not exactly a deployment.
    """
    return Deployment.from_document(parse_strict(_content(file, "the contracts' deployment")))


def passphrase_in(file: Path) -> str:
    """Return the passphrase in the first line of ``file``.

    Raises:
        UnavailableError: there is no such file.
    """
    return _content(file, "the passphrase").decode(errors="replace").partition("\n")[0]


def _content(file: Path, what: str) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UnavailableError(
            f"{what} cannot be read from {file}: {error.strerror}; "
            "set TULEN_HOME, or run ./scripts/run once"
        ) from error
