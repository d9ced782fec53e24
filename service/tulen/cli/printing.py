"""`tulen print`: a bundle file on its form."""

from pathlib import Path

from tulen.cli.session import settings
from tulen.cli.terminal import bytes_of, guarded, show, write
from tulen.paper import Stamp
from tulen.workflows.papers import print_bundle


def print_file(bundle: Path, to: Path, *, copy: bool, as_json: bool) -> None:
    """Print the bundle in a file, without an office; its status is not asked."""
    stamp = Stamp.CERTIFIED_COPY if copy else Stamp.ORIGINAL
    pdf = guarded(print_bundle(settings(), bytes_of(bundle), stamp))
    write(to, pdf)
    if str(to) != "-":
        answer = {"file": str(to), "bytes": len(pdf)}
        show(answer, as_json=as_json, rows=answer.items())
