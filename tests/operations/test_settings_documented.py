"""Every setting stands in the operator's page, and nothing else does."""

import re
from pathlib import Path

import pytest

from tulen.errors import InvalidInputError
from tulen.settings import Settings, settings_of_environment

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
