"""The receiver's page says what is so: its example verifies, and it names every type of event."""

import re
from datetime import UTC, datetime
from pathlib import Path

from standardwebhooks.webhooks import Webhook

from tulen.database.states import EventType

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations"
PAGE = (OPERATIONS / "webhooks.md").read_text()


def test_the_example_is_signed_as_it_says() -> None:
    (secret,) = set(re.findall(r"`(whsec_[^`]+)`", PAGE)) - {"whsec_"}
    headers = dict(re.findall(r"^(webhook-\w+): (.+)$", PAGE, re.MULTILINE))
    (body,) = re.findall(r'^\{"data".*\}$', PAGE, re.MULTILINE)
    sent = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    expected = Webhook(secret).sign(headers["webhook-id"], sent, body)
    assert headers["webhook-signature"] == expected


def test_every_type_of_event_is_named() -> None:
    for kind in EventType:
        short = f"`.{kind.partition('.')[2]}`"
        assert f"`{kind}`" in PAGE or short in PAGE, kind


def test_every_alarm_is_named() -> None:
    page = (OPERATIONS / "alarms.md").read_text()
    alarms = {kind for kind in EventType if kind.of_the_office} - {EventType.ALARM_ENDED}
    assert set(re.findall(r"^\| `([a-z.]+)`", page, re.MULTILINE)) == alarms
