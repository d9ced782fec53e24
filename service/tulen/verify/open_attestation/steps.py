"""The steps of docs/specs/open-attestation.md, section 3: one document before one relying party."""

from collections.abc import Callable
from dataclasses import dataclass

from tulen.values import instant_text
from tulen.verify.case import Answer, failed, passed, unknown
from tulen.verify.facts import Unavailable
from tulen.verify.open_attestation.document import Attestation
from tulen.verify.open_attestation.facts import (
    IssuanceFacts,
    IssuerPolicy,
    NameRecords,
    StoreAnswer,
)
from tulen.verify.open_attestation.issuer import Did, Issuer
from tulen.verify.open_attestation.records import names_key, names_store
from tulen.verify.open_attestation.signing import signer_of
from tulen.verify.result import FAIL, PASS, UNKNOWN

ASK_ISSUER = "Do not rely on it; ask the issuer about this document."
ASK_HOLDER = "Ask the holder for the file as the issuer gave it out."
ASK_FOR_MORE = "Ask the holder for a file that shows it."
ASK_AGAIN = "This says nothing against the document; ask again when it can be read."
ELSEWHERE = "Verify it with the issuer's own service."

_CONTROLLER = "#controller"


@dataclass(frozen=True, slots=True)
class Case:
    """One document before one relying party.

    Attributes:
        document: The document.
        policy: Whom the relying party accepts.
        facts: What it has seen on the chain that it asks.
        names: What each domain says.
    """

    document: Attestation
    policy: IssuerPolicy
    facts: IssuanceFacts | Unavailable
    names: Callable[[str], NameRecords | Unavailable]


def contents(case: Case) -> Answer:
    """Step 2: the values, shown and hidden, give the hash that the document states."""
    document = case.document
    shown = len(document.values)
    if document.recomputed != document.target:
        return failed(
            f"the {shown} values shown and {document.hidden} hidden give the hash "
            f"{_short(document.recomputed)}, and the document states {_short(document.target)}: "
            "something was changed, added or left out",
            ASK_HOLDER,
        )
    return passed(f"{shown} values shown and {document.hidden} hidden give its hash")


def batch(case: Case) -> Answer:
    """Step 3: the proof leads from the document's hash to the root of its batch."""
    document = case.document
    levels = len(document.path) - 1
    if document.path[-1] != document.root:
        return failed(
            f"the proof of {levels} hashes leads to {_short(document.path[-1])}, and the document "
            f"states the root {_short(document.root)}",
            ASK_HOLDER,
        )
    return passed(f"its hash belongs to the batch {_short(document.root)}")


def issued(case: Case) -> Answer:
    """Step 4: the issuer's store holds that root as issued, or the issuer's key signed it."""
    return _each(case, "an issuer", lambda issuer: _issued(case, issuer))


def _issued(case: Case, issuer: Issuer) -> Answer:  # noqa: PLR0911 - a list of reasons
    if issuer.registry is not None:
        return unknown(
            f"it is a title on the token registry {issuer.registry}, which is not read", ELSEWHERE
        )
    if issuer.did is not None:
        return _signed(case, issuer, issuer.did)
    if issuer.store is None:
        return _hidden(case, "where it was issued")
    found = _store(case, issuer.store)
    if not isinstance(found, StoreAnswer):
        return found
    if found.issued is None:
        return failed(f"what stands at {issuer.store} is no document store", ASK_ISSUER)
    if not found.issued:
        return failed(
            f"document store {issuer.store} has not issued the batch "
            f"{_short(case.document.root)}, as of {_as_of(case)}",
            ASK_ISSUER,
        )
    return passed(f"document store {issuer.store} issued it, as of {_as_of(case)}")


def _signed(case: Case, issuer: Issuer, did: Did) -> Answer:  # noqa: PLR0911 - a list of reasons
    key = issuer.key
    if key is None:
        return _hidden(case, "the key that signed it")
    if did.address is None:
        return unknown(f"identifiers such as {did.text} are not read", ELSEWHERE)
    if not key.startswith(f"{did.text}#"):
        return failed(f"the key {key} is not one of {did.text}", ASK_ISSUER)
    if key != did.text + _CONTROLLER:
        return unknown(f"keys such as {key} are not read, only the controller's", ELSEWHERE)
    signature = next((one for one in case.document.signatures if one.key == key), None)
    if signature is None:
        return failed(f"it bears no signature by {key}", ASK_HOLDER)
    signer = signer_of(case.document.root, signature.value)
    if signer is None:
        return failed(f"what stands as the signature by {key} is none", ASK_HOLDER)
    return _controlled(case, did, did.address, signer)


def _controlled(case: Case, did: Did, address: str, signer: str) -> Answer:
    """Return whether ``signer`` is the account that controls ``did`` now (ERC-1056)."""
    if isinstance(case.facts, Unavailable):
        return unknown(case.facts.cause, ASK_AGAIN)
    if did.chain_id != case.facts.chain_id:
        return unknown(
            f"who controls {did.text} stands on chain {did.chain_id}, and chain "
            f"{case.facts.chain_id} was asked",
            ELSEWHERE,
        )
    controller = case.facts.controllers[address]
    if controller is None:
        return unknown(
            f"chain {case.facts.chain_id} has no registry of who controls {did.text}", ELSEWHERE
        )
    if signer != controller:
        return failed(
            f"{signer} signed it, and {controller} controls {did.text}, as of {_as_of(case)}",
            ASK_ISSUER,
        )
    return passed(f"{signer}, which controls {did.text}, signed it, as of {_as_of(case)}")


def status(case: Case) -> Answer:
    """Step 5: neither the document nor any batch that it belongs to is revoked."""
    return _each(case, "an issuer", lambda issuer: _status(case, issuer))


def _status(case: Case, issuer: Issuer) -> Answer:  # noqa: PLR0911 - a list of reasons
    address = issuer.store
    if issuer.registry is not None:
        return unknown("titles on token registries are not read", ELSEWHERE)
    if issuer.did is not None:
        if issuer.revocation == "NONE":
            return passed("its issuer says that it is never revoked")
        if issuer.revocation == "REVOCATION_STORE":
            address = issuer.revoked_on
        elif issuer.revocation is not None:
            return unknown(f"revocation by {issuer.revocation} is not read", ELSEWHERE)
    if address is None:
        return _hidden(case, "where it would be revoked")
    found = _store(case, address)
    if not isinstance(found, StoreAnswer):
        return found
    if found.revoked is None:
        return failed(f"what stands at {address} is no document store", ASK_ISSUER)
    if found.revoked:
        return failed(
            f"document store {address} has revoked it, as of {_as_of(case)}",
            "Give no preference on it.",
        )
    return passed(f"document store {address} has not revoked it, as of {_as_of(case)}")


def is_revoked(case: Case) -> bool:
    """Return whether a store that an issuer names has revoked the document."""
    facts = case.facts
    return isinstance(facts, IssuanceFacts) and any(
        facts.stores[address].revoked
        for issuer in case.document.issuers
        for address in issuer.stores
    )


def identity(case: Case) -> Answer:
    """Step 6: the domain that the issuer names says that the store, or the key, is its own."""
    return _each(case, "an issuer", lambda issuer: _identity(case, issuer))


def _identity(case: Case, issuer: Issuer) -> Answer:
    if issuer.domain is None and issuer.did is not None and issuer.proof == "DID":
        return passed(f"it names no domain: {issuer.did.text} alone stands for its issuer")
    if issuer.domain is None or issuer.proof is None:
        return _hidden(case, "a domain that vouches for its issuer")
    records = case.names(issuer.domain)
    if isinstance(records, Unavailable):
        return unknown(records.cause, ASK_AGAIN)
    store = issuer.store or issuer.registry
    if issuer.proof == "DNS-TXT" and store is not None:
        what = f"document store {store} on chain {case.policy.chain_id}"
        named = names_store(records.texts, case.policy.chain_id, store)
    elif issuer.proof in {"DID", "DNS-DID"} and issuer.key is not None:
        what = f"the key {issuer.key}"
        named = names_key(records.texts, issuer.key)
    else:
        return failed(f"an identity proof {issuer.proof} does not go with it", ASK_ISSUER)
    proven = "" if records.authenticated else "not "
    source = f"{records.source}, {proven}proven by DNSSEC"
    if not named:
        return failed(f"{issuer.domain} does not name {what}; by {source}", ASK_ISSUER)
    return passed(f"{issuer.domain} names {what}; by {source}")


def accepted(case: Case) -> Answer:
    """Step 7: the relying party accepts what stands for the issuer."""
    return _each(case, "an issuer", lambda issuer: _accepted(case, issuer))


def _accepted(case: Case, issuer: Issuer) -> Answer:
    known = issuer.stands_for
    if known is None:
        return _hidden(case, "whom to accept")
    if not case.policy.accepted:
        return unknown(
            f"it says that it is by {known}, and nobody has said whose documents are accepted",
            "Find out whose that is, and name the issuers that you accept.",
        )
    if known not in case.policy.accepted:
        return failed(f"{known} is not an issuer whose documents are accepted", ASK_ISSUER)
    return passed(f"documents of {known} are accepted")


def _store(case: Case, address: str) -> StoreAnswer | Answer:
    """Return what the store at ``address`` says, or the answer to a step that needs it."""
    if isinstance(case.facts, Unavailable):
        return unknown(case.facts.cause, ASK_AGAIN)
    found = case.facts.stores[address]
    if not found.exists:
        return failed(
            f"chain {case.facts.chain_id} has no contract at {address}, as of {_as_of(case)}",
            "See that it is the issuer's chain that was asked; if so, do not rely on it.",
        )
    return found


def _each(case: Case, what: str, ask: Callable[[Issuer], Answer]) -> Answer:
    """Return the weakest of the answers for each issuer, with all the reasons."""
    issuers = case.document.issuers
    if not issuers:
        return _hidden(case, what)
    answers = [ask(issuer) for issuer in issuers]
    if len(answers) == 1:
        return answers[0]
    outcome = next(
        weak for weak in (FAIL, UNKNOWN, PASS) if any(answer[0] is weak for answer in answers)
    )
    reasons = "; ".join(
        f"issuer {number}: {reason}" for number, (_, reason, _) in enumerate(answers, 1)
    )
    advice = next(advice for found, _, advice in answers if found is outcome)
    return outcome, reasons, advice


def _hidden(case: Case, what: str) -> Answer:
    """Return that the document does not show what a step needs; it may hide it."""
    advice = ASK_FOR_MORE if case.document.hidden else ASK_ISSUER
    return unknown(f"the document does not show {what}", advice)


def _as_of(case: Case) -> str:
    if isinstance(case.facts, Unavailable):
        return "no block"
    facts = case.facts
    return f"block {facts.as_of_block} of chain {facts.chain_id}, {instant_text(facts.as_of)}"


def _short(digest: bytes) -> str:
    return f"{digest.hex()[:16]}…"
