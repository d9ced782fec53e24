"""`tulen replay`: what was brought forward, party by party."""

from typing import Any

from tulen.cli.session import within_office
from tulen.cli.terminal import show
from tulen.workflows.replay import replay

MOST_NAMED = 3


def run_replay(
    source: str | None, *, dry_run: bool, without_documents: bool, as_json: bool
) -> None:
    """Replay, and print what that took."""
    done = within_office(
        lambda office: replay(
            office, source=source, dry_run=dry_run, without_documents=without_documents
        )
    )
    documents = [part.to_document() for part in done]
    if as_json:
        show({"dry_run": dry_run, "parties": documents}, as_json=True, rows=())
        return
    show({}, as_json=False, rows=[row for document in documents for row in _rows(document)])
    show(
        {},
        as_json=False,
        rows=[("", "nothing was changed" if dry_run else "the database is whole; work goes on")],
    )


def _rows(document: dict[str, Any]) -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = [("party", document["party"])]
    if "log" in document:
        log = document["log"]
        grown = f"{log['size_before']} entries, now {log['size']}, {log['anchored']} anchored"
        rows.append(("log", f"{grown}; {log['checkpoints']} checkpoints"))
    for name, value in document.items():
        if isinstance(value, list):
            more = f" and {len(value) - MOST_NAMED} more" if len(value) > MOST_NAMED else ""
            rows.append(
                (name.replace("_", " "), f"{len(value)}: {', '.join(value[:MOST_NAMED])}{more}")
            )
    if "serials_above" in document:
        rows.append(("serials above", document["serials_above"]))
    return rows
