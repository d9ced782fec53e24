"""Writes tests/cli/help/*.txt, what each `--help` says: ``python tests/cli/help_pages.py``.

With --check it writes nothing, and exits 1 naming each file that is stale. The README quotes some.
"""

import os
import sys
from pathlib import Path

os.environ |= {"TERMINAL_WIDTH": "88", "NO_COLOR": "1"}  # Read when typer is imported.

from typer.main import get_command
from typer.testing import CliRunner

from tulen.cli import app

PAGES = Path(__file__).parent / "help"


def help_pages() -> dict[Path, str]:
    """Return the text of each page, by its file."""
    calls = {"tulen": ["--help"]}
    calls |= {name: [name, "--help"] for name in sorted(get_command(app).commands)}
    pages = {}
    for name, arguments in calls.items():
        said = CliRunner().invoke(app, arguments, prog_name="tulen")
        lines = [line.rstrip() for line in said.stdout.strip().splitlines()]
        pages[PAGES / f"{name}.txt"] = "\n".join(lines) + "\n"
    return pages


def main() -> int:
    """Bring the files up to date, or with --check only say which are not."""
    pages = help_pages()
    known = {page: page.read_text("utf-8") for page in PAGES.glob("*.txt")}
    stale = [page for page in pages | known if pages.get(page) != known.get(page)]
    if "--check" in sys.argv:
        for page in stale:
            sys.stderr.write(f"{page.name} is stale: run python tests/cli/help_pages.py\n")
        return bool(stale)
    PAGES.mkdir(exist_ok=True)
    for page in stale:
        if page in pages:
            page.write_text(pages[page], "utf-8")
        else:
            page.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
