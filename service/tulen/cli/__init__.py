"""The command line `tulen`: it translates and decides nothing.

Exit codes: 0 done, or VALID; 1 refused by a rule, or INVALID; 2 usage or malformed input; 3 could
not be checked or done now; 4 REVOKED, REPLACED, SUSPENDED or EXPIRED.
"""

from tulen.cli.commands import main

__all__ = ["main"]
