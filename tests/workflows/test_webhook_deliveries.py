"""What is told to webhooks reaches them, once for each fact, whatever they answer."""

import logging
import re
from typing import Any
from uuid import UUID

import pytest
from desk import PERSONS, Desk
from receiver import CUT, ENDLESS, SLOW, Receiver, hooked, hurry, work_off
from standardwebhooks.webhooks import Webhook as Oracle

from tulen.workflows.deliver import PAUSES
from tulen.workflows.webhooks import (
    add_webhook,
    delete_webhook,
    deliveries_of,
    replay,
    rotate_secret,
    webhook_of,
)

pytestmark = pytest.mark.anyio

EXPORTER = PERSONS["exporter"]


async def only_delivery(desk: Desk, webhook: UUID) -> dict[str, Any]:
    document = (await deliveries_of(desk.office, EXPORTER, webhook)).to_document()
    (delivery,) = document["deliveries"]
    found: dict[str, Any] = delivery
    return found


async def test_an_issued_certificate_is_told_to_its_exporter_and_signed(
    told: Desk, receiver: Receiver
) -> None:
    webhook, secret = await hooked(told, receiver)
    number = await told.issued()
    assert receiver.got == []
    await work_off(told)
    (request,) = receiver.got
    said = request.said
    assert said["type"] == "certificate.issued"
    assert said["data"]["certificate"] == number
    assert said["data"]["link"] == f"/v1/certificates/{number}"
    assert re.fullmatch(r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\dZ", said["data"]["publish_by"])
    assert request.signed_by(secret)
    assert Oracle(secret).verify(request.body, request.headers) == said
    delivery = await only_delivery(told, webhook)
    assert delivery["state"] == "delivered"
    assert delivery["message"] == request.headers["webhook-id"]
    assert [item["status"] for item in delivery["attempts"]] == [200]


async def test_what_fails_is_tried_again_under_the_same_identifier_until_it_is_taken(
    told: Desk, receiver: Receiver
) -> None:
    webhook, secret = await hooked(told, receiver)
    receiver.next = [500, CUT, 307, 429]
    await told.issued()
    for _ in range(5):
        await work_off(told)
        await hurry(told)
    assert len({request.headers["webhook-id"] for request in receiver.got}) == 1
    assert len({request.body for request in receiver.got}) == 1
    assert all(request.signed_by(secret) for request in receiver.got)
    delivery = await only_delivery(told, webhook)
    assert delivery["state"] == "delivered"
    assert [item.get("status") for item in delivery["attempts"]] == [500, None, 307, 429, 200]
    assert "redirects are not followed" in delivery["attempts"][2]["error"]
    await work_off(told)
    assert len(receiver.got) == 5


async def test_after_eight_tries_over_about_a_day_it_is_given_up(
    told: Desk, receiver: Receiver
) -> None:
    assert 23 * 3600 < sum(pause.total_seconds() for pause in PAUSES) < 25 * 3600
    webhook, _ = await hooked(told, receiver)
    receiver.next = [503] * 20
    await told.issued()
    for _ in range(10):
        await work_off(told)
        await hurry(told)
    assert len(receiver.got) == 8
    delivery = await only_delivery(told, webhook)
    assert delivery["state"] == "failed"
    assert "due_at" not in delivery


async def test_the_next_try_waits_longer_each_time(told: Desk, receiver: Receiver) -> None:
    await hooked(told, receiver)
    receiver.next = [500] * 8
    await told.issued()
    waits = []
    for _ in range(7):
        await work_off(told)
        [(wait,)] = await told.rows(
            "SELECT extract(epoch FROM scheduled_at - now()) FROM procrastinate.procrastinate_jobs"
        )
        waits.append(wait)
        await hurry(told)
    for wait, pause in zip(waits, PAUSES, strict=True):
        seconds = pause.total_seconds()
        assert 0.8 * seconds - 30 < wait < 1.2 * seconds + 1


async def test_an_answer_that_does_not_come_is_waited_for_five_seconds(
    told: Desk, receiver: Receiver
) -> None:
    webhook, _ = await hooked(told, receiver)
    receiver.next = [SLOW]
    await told.issued()
    await work_off(told)
    (attempt,) = (await only_delivery(told, webhook))["attempts"]
    assert attempt["error"] == "no answer within 5 s"
    assert attempt["milliseconds"] >= 4900


async def test_an_answer_without_end_is_read_no_further_than_is_needed(
    told: Desk, receiver: Receiver
) -> None:
    webhook, _ = await hooked(told, receiver)
    receiver.next = [ENDLESS]
    await told.issued()
    await work_off(told)
    (attempt,) = (await only_delivery(told, webhook))["attempts"]
    assert attempt["status"] == 200
    assert attempt["milliseconds"] < 5000


async def test_whoever_answers_gone_is_told_nothing_more(told: Desk, receiver: Receiver) -> None:
    webhook, _ = await hooked(told, receiver)
    receiver.next = [410]
    await told.issued()
    await work_off(told)
    await hurry(told)
    await told.issued()
    await work_off(told)
    assert len(receiver.got) == 1
    view = (await webhook_of(told.office, EXPORTER, webhook)).to_document()
    assert (view["state"], view["reason"]) == ("disabled", "its receiver answered 410 Gone")


async def test_one_delivery_is_replayed_under_the_same_identifier(
    told: Desk, receiver: Receiver
) -> None:
    webhook, secret = await hooked(told, receiver)
    await told.issued()
    await work_off(told)
    delivery = await only_delivery(told, webhook)
    await replay(told.office, EXPORTER, webhook, {"delivery": delivery["id"]})
    await work_off(told)
    first, again = receiver.got
    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    assert first.body == again.body
    assert again.signed_by(secret)
    assert len((await only_delivery(told, webhook))["attempts"]) == 2


async def test_a_replay_overtakes_a_retry_that_waits(told: Desk, receiver: Receiver) -> None:
    webhook, _ = await hooked(told, receiver)
    receiver.next = [500]
    await told.issued()
    await work_off(told)
    delivery = await only_delivery(told, webhook)
    await replay(told.office, EXPORTER, webhook, {"delivery": delivery["id"]})
    await hurry(told)  # The older job comes first, and finds that it was made for another version.
    await work_off(told)
    assert len(receiver.got) == 2
    assert await told.rows("SELECT count(*) FROM procrastinate.procrastinate_jobs") == [(0,)]
    assert (await only_delivery(told, webhook))["state"] == "delivered"


async def test_everything_since_an_instant_is_told_to_a_webhook_that_came_later(
    told: Desk, receiver: Receiver
) -> None:
    first, _ = await hooked(told, receiver)
    numbers = [await told.issued() for _ in range(3)]
    await work_off(told)
    receiver.got.clear()
    later = await add_webhook(
        told.office,
        EXPORTER,
        {"url": f"{receiver.url}/later", "types": ["certificate.issued"]},
        "later",
    )
    await delete_webhook(told.office, EXPORTER, first)
    since = {"since": "2026-01-01T00:00:00Z"}
    view = await replay(told.office, EXPORTER, later.row.id, since)
    assert (view.replayed, view.last) == (3, None)
    await work_off(told)
    assert sorted(request.said["data"]["certificate"] for request in receiver.got) == numbers
    assert all(request.signed_by(later.secret) for request in receiver.got)


async def test_a_long_replay_goes_on_after_its_last_event(
    told: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tulen.workflows.webhooks.MOST_REPLAYED", 2)
    webhook, _ = await hooked(told, receiver)
    numbers = [await told.issued() for _ in range(3)]
    await work_off(told)
    receiver.got.clear()
    view = await replay(told.office, EXPORTER, webhook, {"since": "2026-01-01T00:00:00Z"})
    assert view.replayed == 2
    last = await replay(told.office, EXPORTER, webhook, {"after": str(view.last)})
    assert (last.replayed, last.last) == (1, None)
    await work_off(told)
    assert sorted(request.said["data"]["certificate"] for request in receiver.got) == numbers


async def test_while_a_secret_is_replaced_both_sign(told: Desk, receiver: Receiver) -> None:
    webhook, old = await hooked(told, receiver)
    new = (await rotate_secret(told.office, EXPORTER, webhook, {})).secret
    await told.issued()
    await work_off(told)
    (request,) = receiver.got
    assert request.signed_by(old)
    assert request.signed_by(new)
    await told.rows("UPDATE webhook SET previous_until = now()")
    await told.issued()
    await work_off(told)
    assert not receiver.got[1].signed_by(old)
    assert receiver.got[1].signed_by(new)


async def test_a_new_secret_whose_answer_was_lost_does_not_end_the_one_that_is_known(
    told: Desk, receiver: Receiver
) -> None:
    webhook, known = await hooked(told, receiver)
    lost = (await rotate_secret(told.office, EXPORTER, webhook, {})).secret
    new = (await rotate_secret(told.office, EXPORTER, webhook, {})).secret
    await told.issued()
    await work_off(told)
    (request,) = receiver.got
    assert [request.signed_by(secret) for secret in (known, lost, new)] == [True, False, True]


async def test_a_secret_stands_in_no_table_and_no_log(
    told: Desk, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    webhook, secret = await hooked(told, receiver)
    receiver.next = [500, CUT]
    await told.issued()
    for _ in range(3):
        await work_off(told)
        await hurry(told)
    raw = Oracle(secret)._whsecret
    [(sealed,)] = await told.rows("SELECT secret FROM webhook")
    assert raw not in sealed
    assert raw.hex() not in caplog.text
    assert secret.removeprefix("whsec_") not in caplog.text
    for view in (
        await webhook_of(told.office, EXPORTER, webhook),
        await deliveries_of(told.office, EXPORTER, webhook),
    ):
        assert secret not in repr(view)
        assert secret not in str(view.to_document())
    await delete_webhook(told.office, EXPORTER, webhook)
    assert await told.rows("SELECT secret, previous_secret FROM webhook") == [(None, None)]


async def test_without_a_webhook_nothing_is_written(told: Desk) -> None:
    await told.certified()
    assert await told.rows("SELECT count(*) FROM webhook_event") == [(0,)]
    assert await told.rows("SELECT count(*) FROM procrastinate.procrastinate_jobs") == [(0,)]


async def test_who_is_not_concerned_is_told_nothing(told: Desk, receiver: Receiver) -> None:
    await hooked(told, receiver, who="importer")
    await told.issued()
    await work_off(told)
    assert receiver.got == []
