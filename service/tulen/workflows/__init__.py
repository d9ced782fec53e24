"""The work, one verb per module: load and lock, ask the core, save.

No rule is decided here that the core could decide, and no invariant rests on this code alone: the
database and the contracts hold the same ones.
"""

from tulen.workflows.apply import application_of, apply
from tulen.workflows.approve import approve
from tulen.workflows.authenticate import authenticate, make_api_key
from tulen.workflows.certificate import certificate_of, export_bundle
from tulen.workflows.declare import declaration_of, declare
from tulen.workflows.doctor import doctor, not_ready
from tulen.workflows.draw_down import draw_down, drawdown_of
from tulen.workflows.issue import issue
from tulen.workflows.log_of import log_of
from tulen.workflows.office import Caller, Office, open_office
from tulen.workflows.once import once
from tulen.workflows.recommend import recommend
from tulen.workflows.revoke import revoke
from tulen.workflows.verify import verify_bundle
from tulen.workflows.work import work_once

__all__ = [
    "Caller",
    "Office",
    "application_of",
    "apply",
    "approve",
    "authenticate",
    "certificate_of",
    "declaration_of",
    "declare",
    "doctor",
    "draw_down",
    "drawdown_of",
    "export_bundle",
    "issue",
    "log_of",
    "make_api_key",
    "not_ready",
    "once",
    "open_office",
    "recommend",
    "revoke",
    "verify_bundle",
    "work_once",
]
