"""Every command explains itself, quickly, and the kept pages are what it says."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
MODULES = "import sys; sys.argv = ['tulen', {}]\ntry:\n    from tulen.cli import main; main()\n"
MODULES += "finally:\n    sys.stderr.write(' '.join(sys.modules))"


def modules_of(*arguments: str) -> set[str]:
    """Return the top-level modules that a command has imported when it ends."""
    program = MODULES.format(", ".join(map(repr, arguments)))
    ended = subprocess.run(  # noqa: S603 - this interpreter
        [sys.executable, "-c", program],
        env={"PATH": os.environ["PATH"], "TULEN_HOME": "nowhere"},
        capture_output=True,
        check=False,
        timeout=60,
    )
    return {name.partition(".")[0] for name in ended.stderr.decode().split()}


def test_the_kept_help_pages_are_current() -> None:
    ended = subprocess.run(  # noqa: S603 - this interpreter
        [sys.executable, HERE / "help_pages.py", "--check"],
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (ended.returncode, ended.stderr.decode()) == (0, "")


def test_the_kept_pages_cover_every_command_and_fit_a_narrow_terminal() -> None:
    pages = {page.stem: page.read_text("utf-8") for page in (HERE / "help").glob("*.txt")}
    overview = pages.pop("tulen")
    assert pages.keys() == {
        *("apply", "recommend", "approve", "issue", "bundle", "verify", "declare", "draw"),
        *("revoke", "log", "doctor", "serve", "worker", "fsck", "issued", "monitor", "cosign"),
        *("attach", "cancel", "replay", "webhook", "rules", "assess", "compare"),
        *("present", "credential"),
    }
    assert all(f"│ {name} " in overview for name in pages)
    assert max(len(line) for page in pages.values() for line in page.splitlines()) <= 88


def test_help_waits_for_no_chain_database_or_web_server() -> None:
    slow = {"web3", "sqlalchemy", "alembic", "psycopg", "fastapi", "uvicorn", "pydantic", "aiohttp"}
    loaded = modules_of("--help")
    assert "typer" in loaded
    assert not slow & loaded


def test_verify_waits_for_no_database_or_web_server() -> None:
    slow = {"sqlalchemy", "alembic", "psycopg", "fastapi", "uvicorn"}
    loaded = modules_of("verify", str(HERE / "help" / "verify.txt"))
    assert "aiohttp" in loaded
    assert not slow & loaded
