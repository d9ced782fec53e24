"""`tulen worker`: seal, anchor and follow, until it is told to end or nothing is left to do."""

from tulen.cli.logs import log_to_standard_error
from tulen.cli.session import within_office
from tulen.cli.terminal import err, out
from tulen.worker import work_until_idle
from tulen.worker.beside import work_beside


def run_worker(*, until_idle: bool, within: int) -> None:
    """Work until Ctrl-C or SIGTERM, or until there is nothing left to do."""
    log_to_standard_error()
    if not until_idle:
        within_office(work_beside)
    elif within_office(lambda office: work_until_idle(office, within)):
        out.print("everything is anchored and final")
    else:
        err.print("another process is the worker; nothing was done here")
