"""Customs draws a declaration line's quantity from its certificate. The contract is the judge."""

from dataclasses import dataclass
from typing import Any, ClassVar

from tulen.certificate import allowance_proof, declaration_reference
from tulen.chain import calls
from tulen.chain.refusals import ContractRefusalError
from tulen.customs import country_pack
from tulen.database import declarations
from tulen.database.declarations import Drawdown
from tulen.database.errors import OtherContentError, PurposeTakenError
from tulen.database.states import DrawdownState, Role
from tulen.database.transactions import Attempt
from tulen.errors import InvalidInputError, NotFoundError, RuleViolationError
from tulen.values import Quantity, UnitCode, decimal_from, line_of_text
from tulen.values.fields import members_of
from tulen.workflows import clock
from tulen.workflows.certificate import NotYetFinalError
from tulen.workflows.declare import Filed, Presented, filed, left_of, row_for
from tulen.workflows.office import CHAIN, Caller, Office
from tulen.workflows.send import DRAW, attempt_for, mined, send
from tulen.workflows.settle import record_mined

MAX_NUMBER_CHARACTERS = 64


class NothingClaimedError(RuleViolationError):
    """The declaration line claims no preference, so there is nothing to draw."""

    code: ClassVar[str] = "nothing-claimed"


class ExceedsDeclarationError(RuleViolationError):
    """More is to be drawn than the declaration line declares, or in another unit."""

    code: ClassVar[str] = "exceeds-declaration"


class OtherUnitError(RuleViolationError):
    """The certificate line is certified in another unit than is to be drawn."""

    code: ClassVar[str] = "other-unit"


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
        OtherUnitError: the certificate's line has another unit.
        OtherContentError: the line has drawn something else.
        ContractRefusalError: the contract refuses, for instance because too little is left, at once
            or, where another draw came first, when it is mined. The line may then draw anew.
        NotYetFinalError: such a refusal can still be undone by the chain; ask again.
        HaltedError: somebody must look at the chain first.
        UnavailableError: the chain does not answer; nothing is kept.
    """
    caller.must_be(Role.CUSTOMS)
    number, line, quantity = _request_in(document)
    row = await row_for(office, caller, number)
    office.require_going(CHAIN)
    declaration = await filed(office, row)
    declared = declaration.line(line)
    if declared.claim is None:
        raise NothingClaimedError(f"declaration {number} line {line} claims no preference")
    if quantity.unit != declared.quantity.unit or quantity.amount > declared.quantity.amount:
        raise ExceedsDeclarationError(
            f"declaration {number} line {line} declares {declared.quantity}, not {quantity}"
        )
    known = await _find(office, number, line)
    if known is None or known.state is DrawdownState.REFUSED:
        presented = declaration.presented(declared.claim.certificate)
        # A line keeps its reference: the contract draws once for each, whatever goes wrong here.
        salt = known.salt if known else office.drawdown_salt(caller.party, number, line)
        drawdown = Drawdown(
            declaration=number,
            line=line,
            certificate=declared.claim.certificate,
            digest=presented.full.digest,
            certificate_line=declared.claim.certificate_line,
            quantity_micro=quantity.micro,
            office=declaration.declaration.office,
            customs=caller.party,
            salt=salt,
            reference=declaration_reference(salt, number, line),
            requested_at=clock.now(),
        )
        known = await _draw(office, presented, drawdown, quantity, known)
    if known is None or known.state is DrawdownState.REFUSED:
        raise NotYetFinalError(
            f"the contract has refused to draw for declaration {number} line {line}, but not for "
            "good yet; ask again in a moment"
        )
    if (known.quantity_micro, known.customs) != (quantity.micro, caller.party):
        raise OtherContentError(
            f"drawdown of declaration {number} line {line}",
            f"it drew {Quantity.from_micro(known.quantity_micro, quantity.unit)}",
        )
    return await _view(office, declaration, known)


async def _draw(
    office: Office,
    presented: Presented,
    drawdown: Drawdown,
    quantity: Quantity,
    refused: Drawdown | None,
) -> Drawdown | None:
    """Draw, in place of what was refused, and return what the line has drawn then."""
    number, line = drawdown.declaration, drawdown.line
    try:
        sent = await send(
            office,
            drawdown.customs,
            _call(office, drawdown, presented, quantity),
            purpose=DRAW,
            ref=f"{number}/{line}",
            unit=quantity.unit,
            record=lambda connection: (
                declarations.request_drawdown(connection, drawdown)
                if refused is None
                else declarations.request_again(connection, drawdown)
            ),
        )
    except PurposeTakenError:
        pass  # Asked for twice at once; or refused, but not for good yet.
    except ContractRefusalError:
        known = await _find(office, number, line)
        if known is None or known.state is DrawdownState.REFUSED:
            raise
        return known  # Asked for twice at once as well, and drawn by now.
    else:
        receipt = await mined(office, sent)
        refusal = await record_mined(office, receipt, unit=quantity.unit) if receipt else None
        if refusal is not None:
            raise refusal
    return await _find(office, number, line)


def _call(
    office: Office, drawdown: Drawdown, presented: Presented, quantity: Quantity
) -> calls.Call:
    """Return what the contract is asked, or refuse."""
    goods = presented.goods(drawdown.certificate_line)
    if goods is None:
        raise NotFoundError(
            f"certificate {drawdown.certificate} has no line {drawdown.certificate_line}"
        )
    if goods.quantity.unit != quantity.unit:
        raise OtherUnitError(
            f"certificate {drawdown.certificate} line {goods.line} certifies {goods.quantity}; "
            f"{quantity} cannot be drawn from it"
        )
    full, log = presented.full, presented.bundle.log
    return calls.draw(
        office.deployment,
        allowance_proof(full.certificate, full.seed, goods.line),
        calls.LogPlace(
            full.certificate.issuing_authority.code,
            log.index,
            log.checkpoint.checkpoint.size,
            log.checkpoint.checkpoint.root,
            log.path,
        ),
        micro=quantity.micro,
        declaration=drawdown.reference,
    )


async def drawdown_of(office: Office, caller: Caller, declaration: str, line: int) -> DrawdownView:
    """Return what a declaration line has drawn, to its importer or to customs.

    Raises:
        NotFoundError: it has drawn nothing, or is not the caller's to see.
    """
    row = await row_for(office, caller, declaration)
    known = await _find(office, declaration, line)
    if known is None:
        raise NotFoundError(f"declaration {declaration} line {line} has drawn nothing")
    return await _view(office, await filed(office, row), known)


async def _find(office: Office, declaration: str, line: int) -> Drawdown | None:
    async with office.database.transaction() as connection:
        return await declarations.find_drawdown(connection, declaration, line)


async def _view(office: Office, declaration: Filed, row: Drawdown) -> DrawdownView:
    goods = declaration.presented(row.certificate).goods(row.certificate_line)
    left = await left_of(office, row.digest, goods) if goods is not None else None
    attempt = await attempt_for(office, DRAW, f"{row.declaration}/{row.line}")
    unit = declaration.line(row.line).quantity.unit
    return DrawdownView(row, Quantity.from_micro(row.quantity_micro, unit), left, attempt)


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
