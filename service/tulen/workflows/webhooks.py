"""A party's webhooks: made, listed, given a new secret, deleted, and told again.

A secret is shown once, to whoever makes it, and kept in the vault's envelope alone.
"""

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.database import locks, webhooks
from tulen.database.states import EventType, Role, WebhookState
from tulen.database.webhooks import Attempt, Delivery, Webhook, WebhookEvent
from tulen.errors import InvalidInputError, NotFoundError, RuleViolationError
from tulen.values import PartyCode, instant_from, instant_text
from tulen.values.fields import members_of
from tulen.webhooks import SECRET_BYTES, check_url, secret_text
from tulen.workflows import clock
from tulen.workflows.office import OFFICE, Caller, Office, WrongRoleError

MOST_WEBHOOKS: Final = 10
MOST_SHOWN: Final = 100
MOST_REPLAYED: Final = 1000
BOTH_SIGN_FOR: Final = timedelta(hours=24)
"""How long the secret before signs too: time for a receiver to take the new one."""
_MAY_CHANGE: Final = frozenset((Role.EXPORTER, Role.OFFICER, Role.IMPORTER, Role.CUSTOMS))

PARTY_TYPES: Final = [kind.value for kind in EventType if not kind.of_the_office]
OFFICE_TYPES: Final = [kind.value for kind in EventType if kind.of_the_office]
_MADE_BY: Final = UUID("5b0c7d0e-3f43-5f0e-9d55-6a1f0f6f8c21")
"""Namespace in which a caller and its reference become a webhook's identifier."""

OPERATOR: Final = Caller(OFFICE, "operator", Role.OFFICER)
"""Who runs the office, on whose machine all its keys lie: it needs no API key for itself."""


class TooManyWebhooksError(RuleViolationError):
    """The party has as many webhooks as it may have."""

    code: ClassVar[str] = "too-many-webhooks"


class WebhookDisabledError(RuleViolationError):
    """The webhook's receiver has said that it is gone."""

    code: ClassVar[str] = "webhook-disabled"


@dataclass(frozen=True, slots=True)
class WebhookView:
    """A webhook as its party sees it.

    Attributes:
        row: The webhook.
        secret: Its secret, for whoever has just made it; empty for everybody else.
    """

    row: Webhook
    secret: str = field(default="", repr=False)

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form, without the secret: it is kept as an answer to repeat."""
        row = self.row
        document: dict[str, Any] = {
            "id": str(row.id),
            "party": row.party,
            "url": row.url,
            "types": list(row.types),
            "state": row.state.value,
            "created_by": row.created_by,
            "created_at": instant_text(row.created_at),
        }
        if row.reason is not None:
            document["reason"] = row.reason
        if row.previous_until is not None and clock.now() < row.previous_until:
            document["previous_secret_until"] = instant_text(row.previous_until)
        return document


@dataclass(frozen=True, slots=True)
class DeliveriesView:
    """Some deliveries of a webhook, the latest first.

    Attributes:
        rows: Each with its event.
        attempts: What was tried, by delivery.
    """

    rows: list[tuple[Delivery, WebhookEvent]]
    attempts: list[Attempt]

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"deliveries": [self._delivery(row, event) for row, event in self.rows]}

    def _delivery(self, row: Delivery, event: WebhookEvent) -> dict[str, Any]:
        document: dict[str, Any] = {
            "id": str(row.id),
            "message": f"msg_{event.id}",
            "type": event.type.value,
            "state": row.state.value,
            "created_at": instant_text(row.created_at),
            "attempts": [_attempt(item) for item in self.attempts if item.delivery == row.id],
        }
        for name, instant in (("due_at", row.due_at), ("settled_at", row.settled_at)):
            if instant is not None:
                document[name] = instant_text(instant)
        return document


@dataclass(frozen=True, slots=True)
class ReplayView:
    """What was made due again.

    Attributes:
        replayed: How many deliveries.
        last: The last event of them, to go on after; None where that was all.
    """

    replayed: int
    last: UUID | None

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        more = {} if self.last is None else {"after": str(self.last)}
        return {"replayed": self.replayed, **more}


async def add_webhook(
    office: Office, caller: Caller, document: dict[str, Any], reference: str
) -> WebhookView:
    """Make a webhook for the caller's party; its secret is in this answer and in no other.

    Args:
        office: Where.
        caller: Of the party.
        document: ``{"url", "types"}``.
        reference: The caller's; the same one makes one webhook, and shows its secret once.

    Raises:
        WrongRoleError: the caller may only look.
        InvalidInputError: the body is malformed, or a type is unknown or not a party's.
        ForbiddenAddressError: the URL is not one that a webhook may have.
        TooManyWebhooksError: the party has enough.
    """
    _require_may_change(caller)
    parts = members_of(document, "", ("url", "types"))
    url = check_url(parts["url"], "/url", office.settings.webhook_networks)
    types = _types_in(parts["types"], caller.party)
    secret = secrets.token_bytes(SECRET_BYTES)
    row = Webhook(
        uuid5(_MADE_BY, f"{caller.party} {caller.officer} {reference}"),
        caller.party,
        url,
        types,
        office.vault.seal(secret),
        None,
        None,
        WebhookState.ACTIVE,
        None,
        caller.officer,
        clock.now(),
    )
    async with office.database.transaction() as connection:
        # One at a time: two at once would not count each other.
        await locks.in_order(connection, f"webhooks of {caller.party}")
        known = await webhooks.of_party(connection, caller.party)
        for before in known:
            if before.id == row.id:
                return WebhookView(before)
        if len(known) >= MOST_WEBHOOKS:
            raise TooManyWebhooksError(
                f"{caller.party} has {len(known)} webhooks, and may have {MOST_WEBHOOKS}; "
                "delete one first"
            )
        await webhooks.add(connection, row)
    return WebhookView(row, secret_text(secret))


async def webhooks_of(office: Office, caller: Caller) -> list[WebhookView]:
    """Return the webhooks of the caller's party."""
    async with office.database.transaction() as connection:
        return [WebhookView(row) for row in await webhooks.of_party(connection, caller.party)]


async def webhook_of(office: Office, caller: Caller, identifier: UUID) -> WebhookView:
    """Return one of them.

    Raises:
        NotFoundError: the caller's party has no such webhook.
    """
    async with office.database.transaction() as connection:
        return WebhookView(await _of(connection, caller, identifier))


async def rotate_secret(
    office: Office, caller: Caller, identifier: UUID, document: dict[str, Any]
) -> WebhookView:
    """Give a webhook a new secret, shown in this answer alone; for a day both sign.

    Args:
        office: Where.
        caller: Of the party.
        identifier: The webhook.
        document: Empty.

    Raises:
        WrongRoleError: the caller may only look.
        InvalidInputError: the body holds something.
        NotFoundError: the caller's party has no such webhook.
    """
    _require_may_change(caller)
    members_of(document, "", ())
    secret = secrets.token_bytes(SECRET_BYTES)
    async with office.database.transaction() as connection:
        row = await _of(connection, caller, identifier, for_update=True)
        before, until, now = row.previous_secret, row.previous_until, clock.now()
        if until is None or until <= now:
            before, until = row.secret, now + BOTH_SIGN_FOR
        # Else the receiver may never have seen the last one: what it does know goes on signing.
        await webhooks.rotate(connection, identifier, office.vault.seal(secret), before, until)
        return WebhookView(await _of(connection, caller, identifier), secret_text(secret))


async def delete_webhook(office: Office, caller: Caller, identifier: UUID) -> WebhookView:
    """Delete a webhook, its secrets, and what is on its way to it; return what it was.

    Raises:
        WrongRoleError: the caller may only look.
        NotFoundError: the caller's party has no such webhook.
    """
    _require_may_change(caller)
    async with office.database.transaction() as connection:
        row = await _of(connection, caller, identifier, for_update=True)
        await webhooks.remove(connection, identifier)
    return WebhookView(replace(row, state=WebhookState.DELETED, reason=None, previous_until=None))


async def deliveries_of(
    office: Office, caller: Caller, identifier: UUID, before: datetime | None = None
) -> DeliveriesView:
    """Return the latest deliveries of a webhook, made before an instant where one is given.

    Raises:
        NotFoundError: the caller's party has no such webhook.
    """
    async with office.database.transaction() as connection:
        await _of(connection, caller, identifier)
        rows = await webhooks.deliveries(connection, identifier, MOST_SHOWN, before)
        tried = await webhooks.attempts(connection, [row.id for row, _ in rows])
    return DeliveriesView(rows, tried)


async def replay(
    office: Office, caller: Caller, identifier: UUID, document: dict[str, Any]
) -> ReplayView:
    """Deliver once more, with the same identifiers: one delivery, or every event from somewhere on.

    Args:
        office: Where.
        caller: Of the party.
        identifier: The webhook.
        document: ``{"delivery"}``, ``{"since"}`` or, to go on with a long one, ``{"after"}``.

    Raises:
        WrongRoleError: the caller may only look.
        InvalidInputError: the body is none of these.
        NotFoundError: the caller's party has no such webhook, or that no such delivery.
        WebhookDisabledError: its receiver has said that it is gone.
    """
    _require_may_change(caller)
    parts = members_of(document, "", (), ("delivery", "since", "after"))
    if len(parts) != 1:
        raise InvalidInputError("", document, "does not hold one of: delivery, since, after")
    name, value = next(iter(parts.items()))
    since = instant_from(value, "/since") if name == "since" else None
    which = None if name == "since" else _identifier_in(value, f"/{name}")
    async with office.database.transaction() as connection:
        row = await _of(connection, caller, identifier, for_update=True)
        if row.state is not WebhookState.ACTIVE:
            raise WebhookDisabledError(
                f"webhook {identifier} is disabled: {row.reason}; make a new one, and replay there"
            )
        if name != "delivery":
            return ReplayView(
                *await webhooks.replay_events(
                    connection, row, since=since, after=which, most=MOST_REPLAYED
                )
            )
        if which is None or not await webhooks.replay_one(connection, identifier, which):
            raise NotFoundError(f"webhook {identifier} has no delivery {value}")
        return ReplayView(1, None)


async def _of(
    connection: AsyncConnection, caller: Caller, identifier: UUID, *, for_update: bool = False
) -> Webhook:
    row = await webhooks.find(connection, identifier, for_update=for_update)
    if row is None or row.party != caller.party:
        raise NotFoundError(f"webhook {identifier} is not in the register")
    return row


def _require_may_change(caller: Caller) -> None:
    if caller.role not in _MAY_CHANGE:
        raise WrongRoleError(
            f"{caller.officer} of {caller.party} acts as {caller.role}, and may only look at "
            "webhooks"
        )


def _types_in(value: object, party: PartyCode) -> list[str]:
    known = OFFICE_TYPES if party == OFFICE else PARTY_TYPES
    if not isinstance(value, list) or not 1 <= len(value) <= len(known):
        raise InvalidInputError("/types", value, f"is not a list of 1 to {len(known)} types")
    for place, kind in enumerate(value):
        if kind not in known:
            raise InvalidInputError(f"/types/{place}", kind, f"is none of {', '.join(known)}")
    if len(set(value)) != len(value):
        raise InvalidInputError("/types", value, "names one type twice")
    return sorted(value)


def _identifier_in(value: object, field_name: str) -> UUID:
    try:
        identifier = UUID(value) if isinstance(value, str) else None
    except ValueError:
        identifier = None
    if identifier is None or str(identifier) != value:
        raise InvalidInputError(field_name, value, "is not an identifier")
    return identifier


def _attempt(item: Attempt) -> dict[str, Any]:
    document: dict[str, Any] = {
        "number": item.number,
        "attempted_at": instant_text(item.attempted_at),
        "milliseconds": item.milliseconds,
    }
    if item.status is not None:
        document["status"] = item.status
    if item.error is not None:
        document["error"] = item.error
    return document
