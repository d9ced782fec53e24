"""Rules of origin: agreements as dated data, and a verdict that explains itself.

    pack = load_packs()[AgreementCode("ATIGA")]
    verdict = assess(OriginInputs.from_document(document), pack, date(2026, 1, 15))

Nothing here knows the clock; who calls says which day's rules apply. An outcome is MET, NOT_MET or
UNDETERMINED, and what is not known never counts for the good.
"""

from tulen.origin.assess import NotAPartyError, assess
from tulen.origin.findings import Finding, OriginVerdict, Outcome
from tulen.origin.inputs import Costs, Material, Method, OriginInputs
from tulen.origin.pack import Pack
from tulen.origin.pack_file import UnknownAgreementError, load_packs, pack_from, pack_of
from tulen.values.dated import NotInForceError

__all__ = [
    "Costs",
    "Finding",
    "Material",
    "Method",
    "NotAPartyError",
    "NotInForceError",
    "OriginInputs",
    "OriginVerdict",
    "Outcome",
    "Pack",
    "UnknownAgreementError",
    "assess",
    "load_packs",
    "pack_from",
    "pack_of",
]
