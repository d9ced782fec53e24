"""`tulen serve`: API and page, until it is told to end."""

import gc
import socket

import typer
import uvicorn

from tulen.cli.logs import log_to_standard_error
from tulen.cli.session import settings, within_office
from tulen.cli.terminal import stop
from tulen.errors import InvalidInputError, UnavailableError
from tulen.server import create_app
from tulen.workflows.office import Office

FINISH_WITHIN_SECONDS = 5
"""What requests under way are given to finish when the service ends."""
BACKLOG = 2048


def serve(host: str, port: int, *, with_worker: bool) -> None:
    """Serve API and page until Ctrl-C or SIGTERM."""
    log_to_standard_error()
    listening = _listen(host, port)
    within_office(_is_open)  # Says in one line what is missing, before a server is there to fail.
    try:
        app = create_app(settings(), with_worker=with_worker)
    except InvalidInputError as error:
        stop(error)
    config = uvicorn.Config(
        app,
        log_level="warning",
        lifespan="on",
        timeout_graceful_shutdown=FINISH_WITHIN_SECONDS,
    )
    server = uvicorn.Server(config)
    # What is loaded by now stays. Set aside, the collector does not look through it again each time
    # that new objects are many, which takes a tenth of a second in which nobody is answered.
    gc.collect()
    gc.freeze()
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:  # Raised again by uvicorn when all is closed.
        raise typer.Exit from None
    if not server.started:
        stop(UnavailableError("the service did not start; the reason stands above"))


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
