"""Every setting stands in the operator's page, and nothing else does."""

import re
from pathlib import Path

from tulen.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "operations" / "settings.md"


def test_every_setting_is_documented_and_nothing_else() -> None:
    documented = set(re.findall(r"^\| `(TULEN_[A-Z_]+)`", PAGE.read_text(), re.MULTILINE))
    assert documented == {f"TULEN_{name.upper()}" for name in Settings.model_fields}


def test_every_setting_says_what_it_means() -> None:
    assert all(field.description for field in Settings.model_fields.values())
