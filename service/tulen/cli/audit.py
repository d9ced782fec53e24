# ruff: noqa: PLC0415 - as in commands: each imports what it needs when it runs.
"""The commands by which others check an authority, and an office checks what it has stored."""

from pathlib import Path
from typing import Annotated

import typer

from tulen.cli.terminal import (
    bytes_of,
    guarded,
    show,
    write,
)

audit = typer.Typer()

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@audit.command("fsck")
def fsck_command(
    *,
    projection: Annotated[
        bool,
        typer.Option(
            "--projection", help="Read the whole chain again instead, and compare what was kept."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Derive every stored hash again, check every signature, and name what differs."""
    from tulen.cli.session import settings, show_findings
    from tulen.workflows.fsck import fsck
    from tulen.workflows.fsck_projection import fsck_projection

    check = fsck_projection if projection else fsck
    show_findings(guarded(check(settings())), as_json=as_json)


@audit.command("replay")
def replay_command(
    *,
    log: Annotated[
        str | None,
        typer.Option(
            help="Folder of copies of logs, or URL of a service that serves them; default: the "
            "folder log in the home folder."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
    ] = False,
    without_documents: Annotated[
        bool,
        typer.Option(
            "--without-documents", help="Give up certificates whose documents are lost for ever."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Bring a restored database forward to what chain, log and documents remember."""
    from tulen.cli.replaying import run_replay

    run_replay(log, dry_run=dry_run, without_documents=without_documents, as_json=as_json)


@audit.command("issued")
def issued_command(
    *,
    to: Annotated[Path, typer.Option(help="File to write; - for standard output.")] = Path("-"),
) -> None:
    """List the digest of everything your authority has signed, for `tulen monitor --issued`."""
    from tulen.cli.session import as_caller
    from tulen.workflows.issued_list import issued_digests
    from tulen.workflows.office import Caller, Office

    async def listed(office: Office, caller: Caller) -> bytes:
        digests = [digest async for digest in issued_digests(office, caller)]
        return b"".join(b"%b\n" % digest.hex().encode() for digest in digests)

    write(to, as_caller(listed))


@audit.command("monitor")
def monitor_command(
    url: Annotated[str, typer.Argument(help="Where the log is served, such as https://host.")],
    *,
    authority: Annotated[str, typer.Option(help="Code of the authority, such as VN.MOIT.")],
    policy: Annotated[
        Path | None,
        typer.Option(help="Deployment file to trust; default: the one in the home folder."),
    ] = None,
    chain: Annotated[
        str | None, typer.Option(help="Chain endpoint; default TULEN_CHAIN_RPC_URLS.")
    ] = None,
    state: Annotated[
        Path | None, typer.Option(help="File that remembers how far all was well.")
    ] = None,
    issued: Annotated[
        Path | None, typer.Option(help="The authority's list of digests, from `tulen issued`.")
    ] = None,
    late: Annotated[
        int, typer.Option(min=1, help="Seconds that log and ledger may lie apart.")
    ] = 120,
    every: Annotated[int, typer.Option(min=1, help="Seconds between two rounds.")] = 10,
    once: Annotated[bool, typer.Option("--once", help="One round only.")] = False,
    as_json: Json = False,
) -> None:
    """Follow an authority's log from outside, against the chain; end at the first alarm.

    Exit codes: 0 clean (with --once), 1 alarm, 3 could not be checked (with --once).
    """
    from tulen.cli.monitoring import run_monitor

    run_monitor(
        url,
        authority,
        policy=policy,
        chain=chain,
        state_file=state,
        issued=issued,
        late=late,
        every=None if once else every,
        as_json=as_json,
    )


@audit.command("cosign")
def cosign_command(
    note: Annotated[Path, typer.Argument(help="Checkpoint; - for standard input.")],
    *,
    name: Annotated[str, typer.Option(help="Name of the witness, such as example.org/witness.")],
    key: Annotated[Path, typer.Option(help="Its Ed25519 key file.")],
    passphrase: Annotated[Path, typer.Option(help="File whose first line opens the key file.")],
    to: Annotated[Path, typer.Option(help="File to write; - for standard output.")] = Path("-"),
) -> None:
    """Add a witness's cosignature to a checkpoint that the witness has checked."""
    from tulen.cli.monitoring import cosigned

    write(to, cosigned(note, name, key, passphrase))


@audit.command("attach")
def attach_command(
    note: Annotated[Path, typer.Argument(help="Cosigned checkpoint; - for standard input.")],
    *,
    as_json: Json = False,
) -> None:
    """Serve what witnesses signed beneath a checkpoint of your authority's log."""
    text = bytes_of(note).decode(errors="replace")

    from tulen.cli.session import as_caller
    from tulen.workflows.attach import attach

    count = as_caller(lambda office, caller: attach(office, caller, text))
    answer = {"other_signatures": count}
    show(answer, as_json=as_json, rows=[("other signatures", count)])
