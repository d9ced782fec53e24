"""The command line `tulen`: it translates and decides nothing.

Exit codes: 0 done, or VALID; 1 refused by a rule, or INVALID; 2 usage or malformed input; 3 could
not be checked or done now; 4 REVOKED, REPLACED, SUSPENDED or EXPIRED; 130 interrupted.
"""

import signal
from types import FrameType

from tulen.cli.commands import app

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line."""
    signal.signal(signal.SIGTERM, _as_ctrl_c)
    app()


def _as_ctrl_c(_signal: int, _frame: FrameType | None) -> None:
    """Let SIGTERM end a command as Ctrl-C does: whatever it has opened is closed again."""
    signal.raise_signal(signal.SIGINT)
