# ruff: noqa: PLC0415 - as in commands: each imports what it needs when it runs.
"""The commands about webhooks: of your party, or with --office of whoever runs this office."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import typer

from tulen.cli.terminal import show

if TYPE_CHECKING:
    from tulen.workflows.office import Caller, Office

webhooks = typer.Typer(help="Be told of what happens, at a URL of yours.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
ForOffice = Annotated[
    bool, typer.Option("--office", help="The office's own alarms, for whoever runs it.")
]
WebhookId = Annotated[UUID, typer.Argument(help="Identifier of the webhook.")]


def _as_whom(work: "Callable[[Office, Caller], Awaitable[Any]]", *, for_office: bool) -> Any:  # noqa: ANN401 - any workflow's answer
    from tulen.cli.session import as_caller, within_office
    from tulen.workflows.webhooks import OPERATOR

    return within_office(lambda office: work(office, OPERATOR)) if for_office else as_caller(work)


@webhooks.command("add")
def add_command(
    url: Annotated[str, typer.Argument(help="Where to: https, to a public address.")],
    *,
    of: Annotated[
        list[str], typer.Option("--of", help="Type of event, such as certificate.final; again.")
    ],
    for_office: ForOffice = False,
    as_json: Json = False,
) -> None:
    """Make a webhook and print its secret, which is shown this once."""
    from tulen.workflows.webhooks import add_webhook

    request = {"url": url, "types": of}
    view = _as_whom(
        lambda office, caller: add_webhook(office, caller, request, str(uuid4())),
        for_office=for_office,
    )
    _show_secret(view, as_json=as_json)


@webhooks.command("list")
def list_command(*, for_office: ForOffice = False, as_json: Json = False) -> None:
    """List the webhooks."""
    from tulen.workflows.webhooks import webhooks_of

    views = _as_whom(webhooks_of, for_office=for_office)
    rows = [view.to_document() for view in views]
    show(
        {"webhooks": rows},
        as_json=as_json,
        rows=[
            (row["state"], f"{row['id']} {row['url']} {', '.join(row['types'])}") for row in rows
        ],
    )


@webhooks.command("rotate")
def rotate_command(
    webhook: WebhookId, *, for_office: ForOffice = False, as_json: Json = False
) -> None:
    """Make a new secret and print it, this once; for a day the one before signs too."""
    from tulen.workflows.webhooks import rotate_secret

    view = _as_whom(
        lambda office, caller: rotate_secret(office, caller, webhook, {}), for_office=for_office
    )
    _show_secret(view, as_json=as_json)


@webhooks.command("delete")
def delete_command(
    webhook: WebhookId, *, for_office: ForOffice = False, as_json: Json = False
) -> None:
    """Delete a webhook, its secrets, and what is on its way to it."""
    from tulen.workflows.webhooks import delete_webhook

    view = _as_whom(
        lambda office, caller: delete_webhook(office, caller, webhook), for_office=for_office
    )
    answer = view.to_document()
    show(answer, as_json=as_json, rows=[(answer["state"], answer["id"])])


@webhooks.command("deliveries")
def deliveries_command(
    webhook: WebhookId, *, for_office: ForOffice = False, as_json: Json = False
) -> None:
    """List the latest deliveries, and how each attempt ended."""
    from tulen.workflows.webhooks import deliveries_of

    view = _as_whom(
        lambda office, caller: deliveries_of(office, caller, webhook), for_office=for_office
    )
    answer = view.to_document()
    show(
        answer,
        as_json=as_json,
        rows=[
            (row["state"], f"{row['id']} {row['type']} {_ends(row['attempts'])}")
            for row in answer["deliveries"]
        ],
    )


@webhooks.command("replay")
def replay_command(
    webhook: WebhookId,
    *,
    delivery: Annotated[UUID | None, typer.Option(help="One delivery.")] = None,
    since: Annotated[
        str | None, typer.Option(help="All from an instant on, such as 2026-11-25T08:30:00Z.")
    ] = None,
    after: Annotated[
        UUID | None, typer.Option(help="All after an event, to go on with a long one.")
    ] = None,
    for_office: ForOffice = False,
    as_json: Json = False,
) -> None:
    """Deliver once more, under the same webhook-id."""
    from tulen.workflows.webhooks import replay

    chosen = {"delivery": delivery, "since": since, "after": after}
    request = {name: str(value) for name, value in chosen.items() if value is not None}
    view = _as_whom(
        lambda office, caller: replay(office, caller, webhook, request), for_office=for_office
    )
    answer = view.to_document()
    show(answer, as_json=as_json, rows=answer.items())


def _show_secret(view: Any, *, as_json: bool) -> None:  # noqa: ANN401 - imported when it runs
    answer = view.to_document() | ({"secret": view.secret} if view.secret else {})
    show(
        answer,
        as_json=as_json,
        rows=[(name, answer[name]) for name in ("id", "url", "secret") if name in answer],
    )


def _ends(attempts: list[dict[str, Any]]) -> str:
    return ", ".join(str(item.get("error") or item["status"]) for item in attempts)
