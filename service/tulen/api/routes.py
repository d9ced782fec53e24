"""The routes of `/v1`. Nouns are plural; a POST makes a fact that stays."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from tulen.api.documentation import answers, takes
from tulen.api.requests import IdempotencyKey, TheCaller, TheOffice, act, shown
from tulen.values import PartyCode, date_from
from tulen.workflows.certificate import certificate_of, export_bundle
from tulen.workflows.declare import declaration_of, declare
from tulen.workflows.draw_down import draw_down, drawdown_of
from tulen.workflows.issue import issue
from tulen.workflows.log_of import log_of
from tulen.workflows.revoke import cancel_unused, revoke
from tulen.workflows.suspend import resume, suspend
from tulen.workflows.verify import verify_bundle
from tulen.workflows.verify_open_attestation import verify_open_attestation

router = APIRouter(prefix="/v1")

CertificateNumber = Annotated[
    str, Path(pattern=r"^[A-Z0-9]([A-Z0-9.-]{0,38}[A-Z0-9])?$", examples=["VN.MOIT-D-26-0000001"])
]
DeclarationNumber = Annotated[
    str, Path(pattern="^[A-Za-z0-9]{26}$", examples=["040320TULEND20261125000001"])
]
Authority = Annotated[
    str,
    Path(pattern=r"^[A-Z]{2}\.[A-Z0-9]([A-Z0-9-]{0,22}[A-Z0-9])?$", examples=["VN.MOIT"]),
]


@router.post("/certificates", **takes("issue"), **answers("certificate", tag="Authority"))
async def issue_certificate(
    request: Request, office: TheOffice, caller: TheCaller, key: IdempotencyKey
) -> Response:
    """Issue the certificate of an approved application: number it, seal, sign and log it."""
    return await act(request, office, caller, key, lambda document: issue(office, caller, document))


@router.get("/certificates/{number}", **answers("certificate", 200, tag="Authority"))
async def read_certificate(
    office: TheOffice, caller: TheCaller, number: CertificateNumber
) -> JSONResponse:
    """Return a certificate's state, anchor, status and drawn quantities, to its two parties."""
    return shown(await certificate_of(office, caller, number))


@router.get("/certificates/{number}/bundle", **answers("bundle", 200, tag="Authority"))
async def read_bundle(office: TheOffice, caller: TheCaller, number: CertificateNumber) -> Response:
    """Return the bundle file, once the anchor is final."""
    data = await export_bundle(office, caller, number)
    return Response(
        data,
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{number}.tulen.json"'},
    )


@router.post("/verify", **takes("bundle"), **answers("verification", 200, tag="Anyone"))
async def verify(
    request: Request,
    office: TheOffice,
    on: Annotated[
        str | None,
        Query(
            description="Legal date to verify for; today where it is left out.",
            json_schema_extra={"format": "date"},
        ),
    ] = None,
) -> JSONResponse:
    """Verify a bundle. Anyone may, without a key. An unreadable one is a verdict, not an error."""
    day = None if on is None else date_from(on, "query/on")
    return shown(await verify_bundle(office, await request.body(), day))


@router.post(
    "/verify/open-attestation",
    **takes("attestation"),
    **answers("attestation", 200, tag="Anyone"),
)
async def verify_attestation(request: Request, office: TheOffice) -> JSONResponse:
    """Verify an OpenAttestation 2.0 (TradeTrust) document. Anyone may, as above."""
    return shown(await verify_open_attestation(office.abroad, await request.body()))


@router.post("/declarations", **takes("declaration"), **answers("declaration", tag="Import"))
async def file_declaration(
    request: Request, office: TheOffice, caller: TheCaller, key: IdempotencyKey
) -> Response:
    """File an import declaration with its proofs; learn value, duty and what preference saves."""
    return await act(
        request, office, caller, key, lambda document: declare(office, caller, document)
    )


@router.get("/declarations/{number}", **answers("declaration", 200, tag="Import"))
async def read_declaration(
    office: TheOffice, caller: TheCaller, number: DeclarationNumber
) -> JSONResponse:
    """Return a declaration as it was assessed, to its importer and to customs."""
    return shown(await declaration_of(office, caller, number))


@router.post("/drawdowns", **takes("drawdown"), **answers("drawdown", tag="Customs"))
async def draw(
    request: Request, office: TheOffice, caller: TheCaller, key: IdempotencyKey
) -> Response:
    """Draw a declaration line's quantity from its certificate, on chain; the contract judges."""
    return await act(
        request, office, caller, key, lambda document: draw_down(office, caller, document)
    )


@router.get("/drawdowns/{declaration}/{line}", **answers("drawdown", 200, tag="Customs"))
async def read_drawdown(
    office: TheOffice,
    caller: TheCaller,
    declaration: DeclarationNumber,
    line: Annotated[int, Path(ge=1, le=9999)],
) -> JSONResponse:
    """Return what a declaration line has drawn."""
    return shown(await drawdown_of(office, caller, declaration, line))


@router.post("/revocations", **takes("revocation"), **answers("revocation", tag="Authority"))
async def revoke_certificate(
    request: Request, office: TheOffice, caller: TheCaller, key: IdempotencyKey
) -> Response:
    """Revoke a certificate for ever, with a reason, on chain."""
    return await act(
        request, office, caller, key, lambda document: revoke(office, caller, document)
    )


@router.post("/cancellations", **takes("cancellation"), **answers("revocation", tag="Authority"))
async def cancel_certificate(
    request: Request, office: TheOffice, caller: TheCaller, key: IdempotencyKey
) -> Response:
    """Cancel a certificate of which nothing was drawn, for ever, on chain."""
    return await act(
        request, office, caller, key, lambda document: cancel_unused(office, caller, document)
    )


@router.post("/suspensions", **takes("suspension"), **answers("revocation", tag="Authority"))
async def suspend_certificate(
    request: Request, office: TheOffice, caller: TheCaller, key: IdempotencyKey
) -> Response:
    """Suspend a certificate while a request for verification is open, on chain."""
    return await act(
        request, office, caller, key, lambda document: suspend(office, caller, document)
    )


@router.post("/resumptions", **takes("resumption"), **answers("revocation", tag="Authority"))
async def resume_certificate(
    request: Request, office: TheOffice, caller: TheCaller, key: IdempotencyKey
) -> Response:
    """End a certificate's suspension, on chain: what was asked is answered."""
    return await act(
        request, office, caller, key, lambda document: resume(office, caller, document)
    )


@router.get("/log/{authority}", **answers("log", 200, tag="Anyone"))
async def read_log(office: TheOffice, authority: Authority) -> JSONResponse:
    """Return an authority's log: its size, its latest checkpoint, and what is anchored."""
    return shown(await log_of(office, PartyCode(authority, "authority")))
