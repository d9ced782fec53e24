"""Every setting stands in the operator's page, and nothing else does."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from tulen.chain.embedded import CHAIN_ID
from tulen.chain.fact_cache import MAX_AGE_SECONDS
from tulen.errors import InvalidInputError
from tulen.settings import EMBEDDED_CHAIN_ID, Settings, settings_of_environment

PAGE = Path(__file__).parents[2] / "docs" / "operations" / "settings.md"


def test_every_setting_is_documented_and_nothing_else() -> None:
    documented = set(re.findall(r"^\| `(TULEN_[A-Z_]+)`", PAGE.read_text(), re.MULTILINE))
    assert documented == {f"TULEN_{name.upper()}" for name in Settings.model_fields}


def test_every_setting_says_what_it_means() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_a_variable_that_cannot_be_is_named_with_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TULEN_CHECKPOINT_SECONDS", "3601")
    words = "^TULEN_CHECKPOINT_SECONDS: '3601' is refused: .* 3600"
    with pytest.raises(InvalidInputError, match=words):
        settings_of_environment()


def test_a_secret_that_is_refused_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TULEN_DATABASE_URL", "postgresql://tulen:secret@127.0.0.1/tulen")
    assert "secret" not in repr(settings_of_environment())


@pytest.mark.parametrize(
    ("chosen", "chain_id", "bound"),
    [(None, 1337, None), (None, 1, 60), (0, 1, None), (12, 1, 12), (12, 1337, 12)],
)
def test_a_latest_block_may_be_of_any_age_only_on_the_embedded_chain_or_by_choice(
    chosen: int | None, chain_id: int, bound: int | None
) -> None:
    found = Settings(chain_max_head_age_seconds=chosen).max_head_age(chain_id)
    assert found == (None if bound is None else timedelta(seconds=bound))


def test_nothing_may_be_remembered_for_longer_than_a_revocation_may_stay_unseen() -> None:
    assert Settings(chain_max_age_seconds=MAX_AGE_SECONDS).chain_max_age_seconds == 30
    with pytest.raises(ValidationError, match="less than or equal to 30"):
        Settings(chain_max_age_seconds=MAX_AGE_SECONDS + 1)


def test_the_embedded_chain_is_the_one_that_settings_mean() -> None:
    assert CHAIN_ID == EMBEDDED_CHAIN_ID
