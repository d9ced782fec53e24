"""Customs draws a declaration line's quantity from its certificate. The contract is the judge."""

import secrets
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from sqlalchemy.ext.asyncio import AsyncConnection

from tulen.certificate import FullPresentation, allowance_proof, declaration_reference
from tulen.chain import calls, sender
from tulen.customs import Declaration, DeclarationLine, country_pack
from tulen.database import declarations
from tulen.database.declarations import Drawdown
from tulen.database.errors import OtherContentError, StateChangedError
from tulen.database.states import DrawdownState, Role
from tulen.database.transactions import Attempt
from tulen.errors import InvalidInputError, NotFoundError, RuleViolationError
from tulen.values import Quantity, UnitCode, decimal_from, line_of_text, parse_strict
from tulen.values.fields import members_of
from tulen.workflows import clock
from tulen.workflows.declare import left_of, presented_with, row_for
from tulen.workflows.office import Caller, Office
from tulen.workflows.send import attempt_for, mined, record_mined, send

PURPOSE = "draw"
SALT_BYTES = 16
MAX_NUMBER_CHARACTERS = 64


class NothingClaimedError(RuleViolationError):
    """The declaration line claims no preference, so there is nothing to draw."""

    code: ClassVar[str] = "nothing-claimed"


class ExceedsDeclarationError(RuleViolationError):
    """More is to be drawn than the declaration line declares, or in another unit."""

    code: ClassVar[str] = "exceeds-declaration"


class OvertakenError(RuleViolationError):
    """The contract refused a draw since another one came first; nothing is drawn."""

    code: ClassVar[str] = "overtaken"


@dataclass(frozen=True, slots=True)
class DrawdownView:
    """A drawdown as the register has it, and what the chain says is left.

    Attributes:
        row: What the register has.
        quantity: What is drawn.
        left: What is left of the certificate line; None where the chain does not answer.
        attempt: The transaction; None before it is sent.
    """

    row: Drawdown
    quantity: Quantity
    left: Quantity | None
    attempt: Attempt | None

    def to_document(self) -> dict[str, Any]:
        """Return the JSON form."""
        row, attempt = self.row, self.attempt
        document: dict[str, Any] = {
            "declaration": row.declaration,
            "line": row.line,
            "certificate": row.certificate,
            "certificate_line": row.certificate_line,
            "office": row.office,
            "office_name": country_pack(row.customs.country).office_name(row.office),
            "customs": row.customs,
            "state": row.state.value,
            "reference": row.reference.hex(),
            "quantity_text": str(self.quantity),
            "left_text": "UNKNOWN" if self.left is None else str(self.left),
        }
        if row.refusal is not None:
            document["refusal"] = row.refusal
        if attempt is not None:
            document["transaction"] = attempt.tx_hash.hex()
            if attempt.block_number is not None:
                document["block_number"] = attempt.block_number
                document["gas_used"] = attempt.gas_used
        return document


async def draw_down(office: Office, caller: Caller, document: dict[str, Any]) -> DrawdownView:
    """Draw a quantity for a declaration line; the same once more changes nothing.

    Args:
        office: Where.
        caller: Customs of the importing country.
        document: ``{"declaration", "line", "quantity", "unit"}``.

    Raises:
        WrongRoleError: the caller is not customs.
        InvalidInputError: the body is malformed.
        NotFoundError: there is no such declaration or line.
        NothingClaimedError: the line claims no preference.
        ExceedsDeclarationError: more than is declared.
        OtherContentError: the line has drawn something else.
        StateChangedError: another request is drawing for the line at this moment.
        OvertakenError: another draw was faster on chain; nothing is drawn.
        ContractRefusalError: the contract refuses, for instance because too little is left.
        UnavailableError: the chain does not answer; nothing is kept.
    """
    caller.must_be(Role.CUSTOMS)
    number, line, quantity = _request_in(document)
    row = await row_for(office, caller, number)
    declared = _line_of(office, row, line)
    claim = declared.claim
    if claim is None:
        raise NothingClaimedError(f"declaration {number} line {line} claims no preference")
    if quantity.unit != declared.quantity.unit or quantity.amount > declared.quantity.amount:
        raise ExceedsDeclarationError(
            f"declaration {number} line {line} declares {declared.quantity}, not {quantity}"
        )
    async with office.database.transaction() as connection:
        known = await declarations.find_drawdown(connection, number, line)
    if known is not None and known.state is not DrawdownState.REFUSED:
        if known.quantity_micro != quantity.micro or known.customs != caller.party:
            raise OtherContentError(
                f"drawdown of declaration {number} line {line}",
                f"it drew {Quantity.from_micro(known.quantity_micro, quantity.unit)}",
            )
        return await _view(office, known, quantity.unit)

    bundle = presented_with(office, row, claim.certificate)
    presented = bundle.certificate
    if not isinstance(presented, FullPresentation):
        raise NotFoundError(f"certificate {claim.certificate} was presented redacted")
    # One that was refused is tried again under its reference: the contract draws once for each.
    salt = secrets.token_bytes(SALT_BYTES) if known is None else known.salt
    drawdown = Drawdown(
        declaration=number,
        line=line,
        certificate=claim.certificate,
        digest=presented.digest,
        certificate_line=claim.certificate_line,
        quantity_micro=quantity.micro,
        office=_declaration_in(office, row).office,
        customs=caller.party,
        salt=salt,
        reference=declaration_reference(salt, number, line),
        requested_at=clock.now(),
    )
    call = calls.draw(
        office.deployment,
        allowance_proof(presented.certificate, presented.seed, claim.certificate_line),
        entry_index=bundle.log.index,
        log_root=bundle.log.checkpoint.checkpoint.root,
        log_path=bundle.log.path,
        micro=quantity.micro,
        declaration=drawdown.reference,
    )
    sent = await send(
        office,
        caller.party,
        call,
        purpose=PURPOSE,
        ref=drawdown.reference.hex(),
        unit=quantity.unit,
        record=lambda connection: _request(connection, drawdown),
    )
    receipt = await mined(office, sent)
    if receipt is None:
        return await _view(office, drawdown, quantity.unit)
    await record_mined(office, receipt)
    if not receipt.succeeded:
        refusal = await _refusal(office, caller, call, quantity.unit)
        await _settle(office, drawdown, DrawdownState.REFUSED, str(refusal))
        raise refusal
    drawdown = await _settle(office, drawdown, DrawdownState.MINED)
    return await _view(office, drawdown, quantity.unit)


async def _request(connection: AsyncConnection, drawdown: Drawdown) -> None:
    """Record what is about to be drawn, unless another request for the line was faster."""
    kept = await declarations.request_drawdown(connection, drawdown)
    if kept.reference != drawdown.reference:
        raise StateChangedError(
            f"drawdown of declaration {drawdown.declaration} line {drawdown.line}",
            expected="undrawn",
            actual=kept.state,
        )
    await declarations.settle_drawdown(connection, kept.reference, DrawdownState.REQUESTED)


async def _settle(
    office: Office, drawdown: Drawdown, state: DrawdownState, refusal: str | None = None
) -> Drawdown:
    try:
        async with office.database.transaction() as connection:
            return await declarations.settle_drawdown(
                connection, drawdown.reference, state, refusal=refusal
            )
    except StateChangedError:  # The worker has settled it meanwhile, as final.
        return replace(drawdown, state=DrawdownState.FINAL)


async def _refusal(
    office: Office, caller: Caller, call: calls.Call, unit: UnitCode
) -> RuleViolationError:
    """Return why the contract refused a draw that it would have let pass when it was sent."""
    try:
        await sender.preflight(office.chain, office.account(caller.party).address, call, unit)
    except RuleViolationError as error:
        return error
    return OvertakenError("another draw was faster, and nothing is drawn; ask again")


async def drawdown_of(office: Office, caller: Caller, declaration: str, line: int) -> DrawdownView:
    """Return what a declaration line has drawn, to its importer or to customs.

    Raises:
        NotFoundError: it has drawn nothing, or is not the caller's to see.
    """
    row = await row_for(office, caller, declaration)
    async with office.database.transaction() as connection:
        known = await declarations.find_drawdown(connection, declaration, line)
    if known is None:
        raise NotFoundError(f"declaration {declaration} line {line} has drawn nothing")
    return await _view(office, known, _line_of(office, row, line).quantity.unit)


async def _view(office: Office, row: Drawdown, unit: UnitCode) -> DrawdownView:
    async with office.database.transaction() as connection:
        declaration = await declarations.find(connection, row.declaration)
    left = None
    if declaration is not None:
        bundle = presented_with(office, declaration, row.certificate)
        if isinstance(bundle.certificate, FullPresentation):
            goods = bundle.certificate.certificate.lines[row.certificate_line - 1].goods
            left = await left_of(office, row.digest, goods)
    attempt = await attempt_for(office, PURPOSE, row.reference.hex())
    return DrawdownView(row, Quantity.from_micro(row.quantity_micro, unit), left, attempt)


def _declaration_in(office: Office, row: declarations.Declaration) -> Declaration:
    return Declaration.from_document(
        parse_strict(office.vault.get(row.document_ref))["declaration"]
    )


def _line_of(office: Office, row: declarations.Declaration, number: int) -> DeclarationLine:
    for line in _declaration_in(office, row).lines:
        if line.line == number:
            return line
    raise NotFoundError(f"declaration {row.number} has no line {number}")


def _request_in(document: dict[str, Any]) -> tuple[str, int, Quantity]:
    members = members_of(document, "", ("declaration", "line", "quantity", "unit"))
    number, line = members["declaration"], members["line"]
    number = line_of_text(number, "/declaration", most=MAX_NUMBER_CHARACTERS)
    if type(line) is not int:
        raise InvalidInputError("/line", line, "is not a line number")
    quantity = Quantity(
        decimal_from(members["quantity"], "/quantity"),
        UnitCode(members["unit"], "/unit"),
    )
    if not quantity.amount:
        raise InvalidInputError("/quantity", "0", "is not more than zero")
    return number, line, quantity
