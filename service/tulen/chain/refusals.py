"""A contract's refusal, in plain words: custom errors become `RuleViolationError`s."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, ClassVar, Final

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError

from tulen.chain import contracts
from tulen.errors import RuleViolationError, UnavailableError, shown
from tulen.values import UnitCode, decimal_text
from tulen.verify.facts import State

_REQUIRE: Final = bytes.fromhex("08c379a0")  # Error(string)
_PANIC: Final = bytes.fromhex("4e487b71")  # Panic(uint256)
_MICRO_DIGITS: Final = 6
_PAST: Final = {
    State.GOOD: "good",
    State.REVOKED: "revoked",
    State.SUSPENDED: "suspended",
    State.REPLACED: "replaced",
}

Arguments = Mapping[str, Any]


class ContractRefusalError(RuleViolationError):
    """A contract refused. Subclasses are the refusals that programs tell apart.

    Args:
        message: Why, for people.
        name: Name of the custom error; empty where the contract gave none that is known.
        arguments: Its arguments by name.
    """

    code: ClassVar[str] = "contract-refusal"

    def __init__(self, message: str, name: str = "", arguments: Arguments | None = None) -> None:
        self.name = name
        self.arguments = dict(arguments or {})
        super().__init__(message)


class OverdrawnError(ContractRefusalError):
    """More is asked for than the certificate line has left.

    Attributes:
        line: Line number.
        requested_micro: Millionths of the line's unit that were asked for.
        available_micro: Millionths that are left.
    """

    code: ClassVar[str] = "overdrawn"

    def __init__(self, message: str, name: str, arguments: Arguments) -> None:
        super().__init__(message, name, arguments)
        self.line: int = arguments["line"]
        self.requested_micro: int = arguments["requested"]
        self.available_micro: int = arguments["available"]


class DeclarationTakenError(ContractRefusalError):
    """The declaration has drawn already, with other content."""

    code: ClassVar[str] = "declaration-taken"


class DeclarationUnknownError(ContractRefusalError):
    """The declaration has drawn nothing that could be released."""

    code: ClassVar[str] = "declaration-unknown"


class NotGoodError(ContractRefusalError):
    """The certificate is revoked, suspended or replaced."""

    code: ClassVar[str] = "certificate-not-good"

    def __init__(self, message: str, name: str, arguments: Arguments) -> None:
        super().__init__(message, name, arguments)
        self.state = State(arguments["state"])


class BadTransitionError(ContractRefusalError):
    """The certificate's status cannot change in that way."""

    code: ClassVar[str] = "bad-status-transition"


class ProofRefusedError(ContractRefusalError):
    """A proof does not lead to an anchored root."""

    code: ClassVar[str] = "proof-refused"


class StaleCheckpointError(ContractRefusalError):
    """The log on chain is not where the sender believed it was; look again.

    Attributes:
        expected_size: Where the sender believed it was.
        actual_size: Where it is.
    """

    code: ClassVar[str] = "stale-checkpoint"

    def __init__(self, message: str, name: str, arguments: Arguments) -> None:
        super().__init__(message, name, arguments)
        self.expected_size: int = arguments["expectedSize"]
        self.actual_size: int = arguments["actualSize"]


class IssuingPausedError(ContractRefusalError):
    """The authority's issuing is paused; revoking and suspending go on."""

    code: ClassVar[str] = "issuing-paused"


class NotRecognisedError(ContractRefusalError):
    """The importing country does not recognise the issuing authority."""

    code: ClassVar[str] = "authority-not-recognised"


class UnitDiffersError(ContractRefusalError):
    """What counts on the line was drawn or reserved in another unit."""

    code: ClassVar[str] = "unit-differs"


class ReservationUsedError(ContractRefusalError):
    """What was reserved for a back-to-back certificate cannot be given back any more."""

    code: ClassVar[str] = "reservation-used"


class InconsistentCheckpointError(ContractRefusalError):
    """The new checkpoint does not continue the anchored log."""

    code: ClassVar[str] = "inconsistent-checkpoint"


class AccountNotPermittedError(ContractRefusalError):
    """The sending account may not do this."""

    code: ClassVar[str] = "account-not-permitted"


class AlreadyRegisteredError(ContractRefusalError):
    """The registry or ledger has it already."""

    code: ClassVar[str] = "already-registered"


class NotRegisteredError(ContractRefusalError):
    """The registry does not know it."""

    code: ClassVar[str] = "not-registered"


def refusal(data: bytes, unit: UnitCode | None = None) -> ContractRefusalError:
    """Return what a contract meant by reverting with ``data``.

    Args:
        data: The bytes it returned.
        unit: Unit of the line that was drawn against, if that is what was asked for.
    """
    selector = data[:4]
    entry = contracts.errors().get(selector)
    if entry is not None and entry.name in _KNOWN:
        try:
            arguments = entry.decode_inputs(data[4:])
            kind, message = _KNOWN[entry.name]
            return kind(message(arguments, unit), entry.name, arguments)
        except (UnavailableError, ValueError):  # arguments that do not fit: as good as unknown
            pass
    return ContractRefusalError(f"the contract refuses: {_unknown(selector, data[4:])}")


def _unknown(selector: bytes, rest: bytes) -> str:
    try:
        if selector == _REQUIRE:
            return shown(decode(["string"], rest)[0])
        if selector == _PANIC:
            return f"panic 0x{decode(['uint256'], rest)[0]:02x}"
    except (DecodingError, UnicodeDecodeError, OverflowError):
        pass
    return f"error 0x{selector.hex()}, unknown to this version" if selector else "without a reason"


def _amount(micro: int, unit: UnitCode | None) -> str:
    text = decimal_text(Decimal(micro).scaleb(-_MICRO_DIGITS))
    return f"{text} {unit}" if unit else f"{text} of the line's unit"


def _printed(value: object) -> object:
    if not isinstance(value, bytes):
        return value
    return value.decode("ascii") if value.isalpha() else value.hex()  # a country, or a hash


def _overdrawn(arguments: Arguments, unit: UnitCode | None) -> str:
    requested, available = (_amount(arguments[name], unit) for name in ("requested", "available"))
    return f"line {arguments['line']}: {requested} asked for, {available} left"


def _taken(arguments: Arguments, unit: UnitCode | None) -> str:
    drawn = arguments["drawn"]
    before = f"has drawn {_amount(drawn, unit)}" if drawn else "has been released"
    return f"declaration {arguments['declaration'].hex()} {before} already, with other content"


def _unit_differs(arguments: Arguments, _unit: UnitCode | None) -> str:
    unit = arguments["unit"].rstrip(b"\0").decode("ascii", "replace")
    line, digest = arguments["line"], arguments["digest"].hex()
    return f"what counts on line {line} of certificate {digest} is in {unit}"


def _transition(arguments: Arguments, _unit: UnitCode | None) -> str:
    old, new = (_PAST[State(arguments[name])] for name in ("from", "to"))
    return f"certificate {arguments['digest'].hex()} is {old} and cannot become {new}"


def _says(template: str) -> Callable[[Arguments, UnitCode | None], str]:
    """Return a message made of ``template`` and the error's arguments; bytes as hexadecimal."""

    def message(arguments: Arguments, _unit: UnitCode | None) -> str:
        return template.format(**{name: _printed(value) for name, value in arguments.items()})

    return message


_Known = tuple[type[ContractRefusalError], Callable[[Arguments, UnitCode | None], str]]

_KNOWN: Final[Mapping[str, _Known]] = {
    "DrawdownLedgerOverdrawn": (OverdrawnError, _overdrawn),
    "DrawdownLedgerDeclarationTaken": (DeclarationTakenError, _taken),
    "DrawdownLedgerDeclarationUnknown": (
        DeclarationUnknownError,
        _says("declaration {declaration} has drawn nothing there, or has been released already"),
    ),
    "DrawdownLedgerNotGood": (
        NotGoodError,
        lambda arguments, _: (
            f"certificate {arguments['digest'].hex()} is {_PAST[State(arguments['state'])]}"
        ),
    ),
    "DrawdownLedgerNotCustoms": (
        AccountNotPermittedError,
        _says("account {account} does not act for customs of {importingCountry}"),
    ),
    "DrawdownLedgerNotRecognised": (
        NotRecognisedError,
        _says("{importingCountry} does not recognise authority {authority}"),
    ),
    "DrawdownLedgerRootUnknown": (
        ProofRefusedError,
        _says("tree head {root} was never anchored"),
    ),
    "DrawdownLedgerProofInvalid": (
        ProofRefusedError,
        _says("the proof of certificate {digest} does not lead to the anchored tree head"),
    ),
    "DrawdownLedgerBadValue": (
        ContractRefusalError,
        _says("the quantity, the unit or the declaration is zero"),
    ),
    "DrawdownLedgerUnitDiffers": (UnitDiffersError, _unit_differs),
    "DrawdownLedgerBadChild": (
        ContractRefusalError,
        _says(
            "certificate {digest} of authority {authority} is its own parent, or not of the "
            "country that the parent is imported to"
        ),
    ),
    "DrawdownLedgerReservationUsed": (
        ReservationUsedError,
        _says(
            "what is reserved for line {line} of certificate {digest} has been drawn, or has "
            "passed to the certificate that replaces it"
        ),
    ),
    "CertificateLedgerNotAuthority": (
        AccountNotPermittedError,
        _says("account {account} does not act for an issuing authority in this"),
    ),
    "CertificateLedgerIssuingPaused": (
        IssuingPausedError,
        _says("issuing is paused for authority {authority}"),
    ),
    "CertificateLedgerStalePredecessor": (
        StaleCheckpointError,
        _says("the log on chain holds {actualSize} entries, not {expectedSize}"),
    ),
    "CertificateLedgerNotGrown": (
        InconsistentCheckpointError,
        _says("a checkpoint of {newSize} entries does not grow a log of {actualSize}"),
    ),
    "CertificateLedgerInconsistent": (
        InconsistentCheckpointError,
        _says("the proof does not lead from the log's {oldSize} entries to tree head {newRoot}"),
    ),
    "CertificateLedgerBadTransition": (BadTransitionError, _transition),
    "CertificateLedgerBadValue": (
        ContractRefusalError,
        _says("{value} is zero, or a size beyond 2^48 - 1"),
    ),
    "CertificateLedgerBadSuccessor": (
        BadTransitionError,
        _says(
            "certificate {successor} cannot replace {digest}: it is not good, or replaces another "
            "already"
        ),
    ),
    "CertificateLedgerReplacedTooOften": (
        BadTransitionError,
        _says(
            "certificate {digest} ends the longest chain of replacements there can be; revoke it"
        ),
    ),
    "CertificateLedgerUnevenBatch": (
        ContractRefusalError,
        _says("{digests} certificates have {successors} successors"),
    ),
    "AuthorityRegistryNotGovernor": (
        AccountNotPermittedError,
        _says("account {account} is not the registry's governor"),
    ),
    "AuthorityRegistryNotOffered": (
        AccountNotPermittedError,
        _says("nothing was offered to account {account}"),
    ),
    "AuthorityRegistryNotSteward": (
        AccountNotPermittedError,
        _says("account {account} is not the steward of {country}"),
    ),
    "AuthorityRegistryPartyExists": (
        AlreadyRegisteredError,
        _says("party {party} is registered already"),
    ),
    "AuthorityRegistryPartyUnknown": (
        NotRegisteredError,
        _says("party {party} is not registered"),
    ),
    "AuthorityRegistryAccountTaken": (
        AlreadyRegisteredError,
        _says("account {account} acts for party {party} already"),
    ),
    "AuthorityRegistryAccountUnknown": (
        NotRegisteredError,
        _says("account {account} does not act for party {party}"),
    ),
    "AuthorityRegistryKeyTaken": (
        AlreadyRegisteredError,
        _says("key {key} belongs to party {party} already"),
    ),
    "AuthorityRegistryKeyUnknown": (
        NotRegisteredError,
        _says("key {key} is not registered for party {party}"),
    ),
    "AuthorityRegistryBadPeriod": (
        ContractRefusalError,
        _says("the period from {since} until {until} is empty, or prolongs what may only shorten"),
    ),
    "AuthorityRegistryBadValue": (
        ContractRefusalError,
        _says("a value is zero, unknown, or not of the party's kind"),
    ),
    "AuthorityRegistryUnchanged": (
        AlreadyRegisteredError,
        _says("it is so already"),
    ),
}
