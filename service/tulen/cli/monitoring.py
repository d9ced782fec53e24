"""`tulen monitor` and `tulen cosign`: what a stranger to the authority does with its log."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import typer
from rich.text import Text

from tulen.cli.terminal import INVALID, bytes_of, err, guarded, out, show, stop, write
from tulen.errors import InvalidInputError, TulenError, UnavailableError
from tulen.keys import Ed25519Signer, KeyFile, KeyKind
from tulen.log import PublishedCheckpoint, cosignature, cosigned_bytes
from tulen.settings import settings_of_environment
from tulen.values import PartyCode, canonical_bytes, parse_strict
from tulen.workflows import clock
from tulen.workflows.home import deployment_in, passphrase_in
from tulen.workflows.monitor import monitor
from tulen.workflows.watched_log import Watched, WatchReport, WatchState


def run_monitor(
    url: str,
    authority: str,
    *,
    policy: Path | None,
    chain: str | None,
    state_file: Path | None,
    issued: Path | None,
    late: int,
    every: int | None,
    as_json: bool,
) -> None:
    """Do rounds until an alarm or Ctrl-C; one round where ``every`` is None."""
    try:
        settings = settings_of_environment()
        watched = Watched(
            PartyCode(authority, "authority"),
            url,
            (chain,) if chain else settings.chain_rpc_urls,
            deployment_in(policy or settings.deployment_file),
            timedelta(seconds=late),
            issued,
        )
        state = _kept(state_file, watched)
    except TulenError as error:
        stop(error)

    report = guarded(_rounds(watched, state, state_file, every, as_json=as_json))
    if report.alarms:
        raise typer.Exit(INVALID)


async def _rounds(
    watched: Watched,
    state: WatchState,
    state_file: Path | None,
    every: int | None,
    *,
    as_json: bool,
) -> WatchReport:
    """Return the round that ends it; an outage ends nothing where more rounds follow."""
    said = None
    while True:
        try:
            report, state = await monitor(watched, state)
        except UnavailableError as error:
            if every is None:
                raise
            err.print(Text(f"UNKNOWN {error}"), soft_wrap=True)
        else:
            if state_file is not None:
                write(state_file, canonical_bytes(state.to_document(watched)))
            if report.alarms or every is None or report.checkpoint != said:
                said = report.checkpoint
                _show(report, as_json=as_json)
            if report.alarms or every is None:
                return report
        await asyncio.sleep(every)


def cosigned(note: Path, name: str, key: Path, passphrase: Path) -> bytes:
    """Return the checkpoint in ``note`` with one more cosignature, made now."""
    try:
        published = PublishedCheckpoint.parse(bytes_of(note).decode(errors="replace"))
        file = KeyFile.read(key)
        signer = Ed25519Signer(file.private_key(KeyKind.ED25519, passphrase_in(passphrase)))
        at = int(clock.now().timestamp())
        signature = signer.sign(cosigned_bytes(published.signed.checkpoint, at))
        line = cosignature(name, signer.public_key, at, signature)
        return published.cosigned_by(line).note.encode()
    except TulenError as error:
        stop(error)
    except OSError as error:
        stop(InvalidInputError("key", str(key), f"cannot be read: {error.strerror}"))


def _kept(file: Path | None, watched: Watched) -> WatchState:
    """Return what earlier rounds remembered; the beginning where there was none."""
    if file is None or not file.exists():
        return WatchState()
    try:
        return WatchState.from_document(parse_strict(bytes_of(file)), watched)
    except InvalidInputError as error:
        raise error.within(str(file)) from None


def _show(report: WatchReport, *, as_json: bool) -> None:
    """Print what a round found."""
    document: dict[str, Any] = report.to_document()
    if as_json:
        show(document, as_json=True, rows=())
        return
    names = ("log", "size", "root", "anchored", "block", "entries", "outcome")
    show({}, as_json=False, rows=[(name, document[name]) for name in names if name in document])
    for alarm in report.alarms:
        line = Text.assemble((f"{alarm.kind:<16}", "red"), str(alarm))
        out.print(line, soft_wrap=True)
