"""`tulen serve` and `tulen worker`: what goes on until it is told to end."""

import logging
import socket

import typer
import uvicorn

from tulen.cli.session import settings, within_office
from tulen.cli.terminal import err, out, stop
from tulen.errors import UnavailableError
from tulen.server import create_app
from tulen.worker import work, work_until_idle
from tulen.workflows.office import Office

FINISH_WITHIN_SECONDS = 5
"""What requests under way are given to finish when the service ends."""
BACKLOG = 2048
QUIET_SECONDS = 60.0


class Unrepeated(logging.Filter):
    """Lets the same words through once a minute: an outage is news once, not twice a second."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether ``record`` says something that was not said within the last minute."""
        words = record.getMessage()
        recent = {
            said: at for said, at in self._said.items() if record.created - at < QUIET_SECONDS
        }
        new = words not in recent
        self._said = {**recent, words: record.created} if new else recent
        return new


def serve(host: str, port: int, *, with_worker: bool) -> None:
    """Serve API and page until Ctrl-C or SIGTERM."""
    _log_to_standard_error()
    listening = _listen(host, port)
    within_office(_is_open)  # Says in one line what is missing, before a server is there to fail.
    config = uvicorn.Config(
        create_app(settings(), with_worker=with_worker),
        log_level="warning",
        lifespan="on",
        timeout_graceful_shutdown=FINISH_WITHIN_SECONDS,
    )
    server = uvicorn.Server(config)
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:  # Raised again by uvicorn when all is closed.
        raise typer.Exit from None
    if not server.started:
        stop(UnavailableError("the service did not start; the reason stands above"))


def run_worker(*, until_idle: bool, within: int) -> None:
    """Work until Ctrl-C or SIGTERM, or until there is nothing left to do."""
    _log_to_standard_error()
    if not until_idle:
        within_office(work)
    elif within_office(lambda office: work_until_idle(office, within)):
        out.print("everything is anchored and final")
    else:
        err.print("another process is the worker; nothing was done here")


def _log_to_standard_error() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    handler.addFilter(Unrepeated())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


async def _is_open(_office: Office) -> None:
    """Do nothing: that the office could be opened is all that is asked."""


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens already, so that two services never take one port in turn."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        stop(
            UnavailableError(
                f"port {port} of {host} cannot be listened on: {error.strerror}; stop the program "
                "that has it, or choose another with --port"
            )
        )
