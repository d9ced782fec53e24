"""Judging an application: what its certificate could not say is refused before anybody signs."""

from datetime import date
from typing import Any

import pytest

from tulen.api.examples import example
from tulen.certificate import Application
from tulen.origin import Outcome
from tulen.workflows.judge import NoCriterionError, WrongFormError, judge

DAY = date(2026, 9, 1)


def grown(agreement: str, form: str, exporting: str, importing: str) -> Application:
    """Return the example as an application for goods grown in the exporting country."""
    document: dict[str, Any] = example("application")
    ends = {"exporting_country": exporting, "importing_country": importing}
    document |= ends | {"agreement": agreement, "form": form}
    document["exporter"]["country"] = exporting
    document["consignee"]["country"] = importing
    line = document["lines"][0]
    line["inputs"] |= ends | {"agreement": agreement, "wholly_obtained": "plants"}
    line["inputs"].pop("materials")
    return Application.from_document(document)


def test_a_form_says_by_what_the_goods_originate() -> None:
    judgement = judge(grown("RCEP", "RCEP", "VN", "JP"), DAY)
    assert (judgement.outcome, judgement.criteria) == (Outcome.MET, ["WO"])


def test_where_no_code_for_it_is_held_the_application_is_refused() -> None:
    with pytest.raises(NoCriterionError) as caught:
        judge(grown("IJEPA", "IJEPA", "ID", "JP"), DAY)
    assert caught.value.code == "no-criterion"
    assert str(caught.value) == (
        "line 1: it originates, but no certificate can say by what: "
        "the pack does not hold how the form prints criteria"
    )


def test_an_agreement_whose_form_is_not_held_has_nothing_to_issue() -> None:
    with pytest.raises(WrongFormError, match="CPTPP/2026-08 does not hold the form of CPTPP"):
        judge(grown("CPTPP", "CERT", "VN", "JP"), DAY)
