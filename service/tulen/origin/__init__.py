"""Rules of origin: agreements as dated data, and a verdict that explains itself.

    pack = load_packs()[AgreementCode("ATIGA")]
    verdict = assess(OriginInputs.from_document(document), pack, date(2026, 1, 15))

Nothing here knows the clock; who calls says which day's rules apply. An outcome is MET, NOT_MET or
UNDETERMINED, and what is not known never counts for the good.
"""

from tulen.origin.advice import reasons, remedies
from tulen.origin.assess import NotAPartyError, assess
from tulen.origin.bills.assess import assess_bill, judge_bill
from tulen.origin.bills.bill import Bill
from tulen.origin.circumstances import (
    Attestation,
    Prices,
    Process,
    Production,
    SetItem,
    Weights,
)
from tulen.origin.compare import Option, compare, open_between, parties_on
from tulen.origin.editions.transposition import Correlation
from tulen.origin.findings import Finding, OriginVerdict, Outcome
from tulen.origin.inputs import Method, OriginInputs
from tulen.origin.materials import Costs, Details, LotMethod, Material, Role
from tulen.origin.pack import Pack
from tulen.origin.pack_file import load_packs, pack_from, pack_of
from tulen.origin.shipped import UnknownAgreementError
from tulen.values.dated import NotInForceError

__all__ = [
    "Attestation",
    "Bill",
    "Correlation",
    "Costs",
    "Details",
    "Finding",
    "LotMethod",
    "Material",
    "Method",
    "NotAPartyError",
    "NotInForceError",
    "Option",
    "OriginInputs",
    "OriginVerdict",
    "Outcome",
    "Pack",
    "Prices",
    "Process",
    "Production",
    "Role",
    "SetItem",
    "UnknownAgreementError",
    "Weights",
    "assess",
    "assess_bill",
    "compare",
    "judge_bill",
    "load_packs",
    "open_between",
    "pack_from",
    "pack_of",
    "parties_on",
    "reasons",
    "remedies",
]
