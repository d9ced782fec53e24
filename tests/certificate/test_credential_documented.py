"""The specification of credentials names every term, every step and every cause."""

import json
import re
from pathlib import Path
from typing import Any

from certificate_sample import ON, document
from credential_sample import AT, signed

from tulen.certificate.credential import Cause, context_bytes, read_credential
from tulen.certificate.credential.model import LIMITS, MAX_ITEMS
from tulen.certificate.profiles import shipped_profiles
from tulen.verify.credential import verify_credential
from tulen.verify.credential_steps import Outside

SPECS = Path(__file__).parents[2] / "docs" / "specs"
PAGE = (SPECS / "credential.md").read_text()
CONTEXT: dict[str, Any] = json.loads(context_bytes())["@context"]


def terms_of(context: dict[str, Any]) -> set[str]:
    """Return every term that a context defines, and those of the contexts within it."""
    found = set()
    for name, definition in context.items():
        if not name.startswith("@"):
            found.add(name)
        if isinstance(definition, dict) and "@context" in definition:
            found |= terms_of(definition["@context"])
    return found


def members_of(value: object) -> set[str]:
    """Return the names of all members in a document, except those of an opaque one."""
    if isinstance(value, list):
        return set().union(*map(members_of, value))
    if not isinstance(value, dict):
        return set()
    below = [item for name, item in value.items() if name != "inputs"]
    return value.keys() | set().union(*map(members_of, below))


def test_every_term_is_documented_and_every_member_has_a_term() -> None:
    terms = terms_of(CONTEXT)
    assert {name for name in terms if f"`{name}`" not in PAGE} == set()
    fob = {"amount": "1", "currency": "USD"}
    assert members_of(document()) | members_of({"fob": fob}) <= terms


def test_every_cause_is_documented_and_nothing_else() -> None:
    table = PAGE.partition("### Causes")[2].partition("Maxima")[0]
    named = re.findall(r"^\| ((?:`[a-z-]+`(?:, )?)+) \|", table, re.MULTILINE)
    documented = set(re.findall(r"`([a-z-]+)`", " ".join(named)))
    assert documented == {cause.value for cause in Cause}


def test_the_steps_are_those_of_the_specification() -> None:
    documented = re.findall(r"^\| ([1-6]) \| `([a-z]+)` \|", PAGE, re.MULTILINE)
    found = verify_credential(read_credential(signed("public")), AT, Outside({}, {}))
    assert [(str(check.step), check.name) for check in found.checks] == documented
    assert AT.date() == ON


def test_the_maxima_are_those_of_the_specification() -> None:
    assert (LIMITS.size_bytes, LIMITS.depth, LIMITS.nodes) == (2 << 20, 32, 40_000)
    assert "2 MiB, depth 32, 40,000 values, 16 status entries" in PAGE
    assert MAX_ITEMS == 16


def test_every_profile_is_documented() -> None:
    page = (SPECS / "bundle.md").read_text()
    documented = re.findall(r"^\| `([a-z]+)` \| ", page.partition("## Profiles")[2], re.MULTILINE)
    assert documented[: len(shipped_profiles())] == list(shipped_profiles())
