"""What an agreement's procedures say on a day, each in a sentence, with its article."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from tulen.origin.proof.procedure_file import load_procedures
from tulen.origin.written import Shown, current, shipped_document, stated
from tulen.values import AgreementCode

Section = Mapping[str, Any]


def procedures_on(agreement: AgreementCode, on: date) -> dict[str, Shown | None]:
    """Return what is said of each of `SHOWN` on a day, and None where nothing is loaded.

    Silence of the data is no permission: it was not found in a source that could be named.
    """
    held: Mapping[str, Any] = (
        shipped_document("procedures", agreement) if agreement in load_procedures() else {}
    )
    shown: dict[str, Shown | None] = {}
    for name, words in SHOWN.items():
        entry = current(held.get(name, ()), on)
        shown[name] = {"words": words(entry["value"]), **stated(entry)} if entry else None
    return shown


def _issue(said: Section) -> str:
    days = said["days_after"]
    window = f"within {days} days after shipment" if days else "by the day of shipment"
    if "retroactive" not in said:
        return window
    return f"{window}; later, within {said['retroactive']} of it, marked {said['mark']}"


def _validity(said: Section) -> str:
    excuses = {
        "force_majeure": "a proof that force majeure delayed",
        "imported_in_time": "a late proof of goods imported in time",
    }
    late = [f"{words} {said[name]} be accepted" for name, words in excuses.items() if name in said]
    return "; ".join([f"{said['lasts']} from issue", *late])


def _certified_copy(said: Section) -> str:
    box = f" in box {said['box']}" if "box" in said else ""
    return f"within {said['within']} of the original's issue, with the words {said['words']}{box}"


def _waiver(said: Section) -> str:
    basis = "FOB" if said["basis"] == "FOB" else "customs value"
    declared = ", with a simplified declaration" if said.get("declaration") else ""
    return f"no proof up to {said['currency']} {said['amount']} {basis}{declared}"


def _back_to_back(said: Section) -> str:
    if not said["allowed"]:
        return "not allowed"
    called = f", as {said['proof']}" if "proof" in said else ""
    done = f"; allowed meanwhile: {_list(said['operations'])}" if "operations" in said else ""
    return f"allowed{called}{done}"


def _invoicing(said: Section) -> str:
    mark = f", ticked {said['mark']}" if "mark" in said else ""
    return f"the proof {'must' if said['must_state'] else 'need not'} state it{mark}"


def _fob_shown(said: Section) -> str:
    among = f", from or to {_list(sorted(said['countries']))}" if "countries" in said else ""
    return f"for value content{among}"


def _clocks(said: Section) -> str:
    return _list([f"{name.replace('_', ' ')} {span}" for name, span in said["limits"].items()])


def _exhibition(said: Section) -> str:
    return f"ticked {said['mark']}, named in box {said['box']}"


def _partial_cumulation(said: Section) -> str:
    return f"from {said['least']}% to below {said['below']}%, ticked {said['mark']}"


def _transit(said: Section) -> str:
    asked = [f"allowed on the way: {_list(said['operations'])}"]
    if "unclear" in said:
        asked.append(f"not said of {_list(said['unclear'])}")
    if said.get("customs_control"):
        within = " or a party" if said.get("control_within") else ""
        asked.append(f"under customs control in a non-party{within}")
    if said.get("trade"):
        asked.append("not entered into trade")
    if "justified_by" in said:
        asked.append(f"for {' or '.join(said['justified_by'])} reasons")
    if "documents" in said:
        papers = [" or ".join(choice).replace("_", " ") for choice in said["documents"]]
        asked.append(f"papers for a way through a non-party: {_list(papers)}")
    if said.get("bill_issued_by_exporting"):
        asked.append("the through bill issued in the exporting party")
    if "by_exporter" in said:
        asked.append(f"by the exporter alone: {_list(said['by_exporter'])}")
    return "; ".join(asked)


def _self_certification(said: Section) -> str:
    return f"by {said['proof']}"


def _uses(said: Section) -> str:
    return f"{said['most']} importation{'s' if said['most'] > 1 else ''} of one proof"


def _list(words: Sequence[str]) -> str:
    return ", ".join(words)


SHOWN: Mapping[str, Callable[[Section], str]] = {
    "issue": _issue,
    "validity": _validity,
    "back_to_back": _back_to_back,
    "waiver": _waiver,
    "invoicing": _invoicing,
    "fob_shown": _fob_shown,
    "certified_copy": _certified_copy,
    "clocks": _clocks,
    "transit": _transit,
    "exhibition": _exhibition,
    "partial_cumulation": _partial_cumulation,
    "self_certification": _self_certification,
    "uses": _uses,
}
"""The sections that a trader asks for, and how each is said (docs/specs/origin-proof.md)."""
