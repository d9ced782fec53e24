"""The routes of presentations and credentials, and what others need to verify them."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from tulen.api.documentation import answers, takes
from tulen.api.public_log import FOR_EVER
from tulen.api.requests import TheCaller, TheOffice
from tulen.api.routes import Authority, CertificateNumber
from tulen.certificate.credential import context_bytes
from tulen.certificate.profiles import profile_named, shipped_profiles
from tulen.values import PartyCode
from tulen.workflows.certificate import export_bundle
from tulen.workflows.credential import export_credential, issuer_document
from tulen.workflows.secure import Secured
from tulen.workflows.status_list import REFRESH, status_list
from tulen.workflows.verify_credential import verify_credential_in

router = APIRouter(prefix="/v1")

_PROFILES = {"enum": list(shipped_profiles())}
ProfileName = Annotated[str, Path(json_schema_extra=_PROFILES)]
ListName = Annotated[
    str,
    Path(
        pattern=r"^[A-Z0-9.-]{1,32}-(revocation|suspension)-(0|[1-9][0-9]{0,9})$",
        examples=["VN.MOIT-revocation-0"],
    ),
]
Accept = Annotated[str, Header(description="application/vc, or application/vc+jwt for a JWT.")]

_TOKEN = {"type": "string", "description": "A compact JWS."}
_MEDIA: dict[str, Any] = {"application/vc": None, "application/vc+jwt": _TOKEN}


class Credential(Response):
    """A credential with its proof inside."""

    media_type = "application/vc"


@router.get(
    "/certificates/{number}/presentations/{profile}",
    **answers("bundle", 200, tag="Authority"),
)
async def read_presentation(
    office: TheOffice, caller: TheCaller, number: CertificateNumber, profile: ProfileName
) -> Response:
    """Return the bundle file as one kind of reader is shown it, under the same anchor."""
    shown = profile_named(profile)
    data = await export_bundle(office, caller, number, shown)
    name = f"{number}.{shown.name}.tulen.json"
    return Response(
        data,
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.get(
    "/certificates/{number}/credential",
    response_class=Credential,
    **answers("credential", 200, tag="Authority", media=_MEDIA),
)
async def read_credential(
    office: TheOffice,
    caller: TheCaller,
    number: CertificateNumber,
    profile: Annotated[
        str,
        Query(description="Who is to read it, and so what it says.", json_schema_extra=_PROFILES),
    ] = "customs",
    accept: Accept = Credential.media_type,
) -> Response:
    """Return the certificate as a W3C Verifiable Credential, signed by its authority."""
    shown = profile_named(profile)
    made = await export_credential(office, caller, number, shown, as_token=_as_token(accept))
    return _handed(made)


@router.get(
    "/status-lists/{name}",
    response_class=Credential,
    **answers("credential", 200, tag="Anyone", media=_MEDIA),
)
async def read_status_list(
    office: TheOffice, name: ListName, accept: Accept = Credential.media_type
) -> Response:
    """Return which certificates of an authority are revoked or suspended, by what is final."""
    made = await status_list(office, name, as_token=_as_token(accept))
    age = int(REFRESH.total_seconds())
    return _handed(made, {"Cache-Control": f"public, max-age={age}"})


@router.get("/issuers/{authority}/did.json", **answers("issuer", 200, tag="Anyone"))
async def read_issuer(office: TheOffice, authority: Authority) -> JSONResponse:
    """Return the DID document of a party: the keys that the registry on chain has for it."""
    return JSONResponse(await issuer_document(office, PartyCode(authority, "authority")))


@router.post(
    "/credentials/verify",
    **takes("credential"),
    **answers("credential_verification", 200, tag="Anyone"),
)
async def verify_credential(request: Request, office: TheOffice) -> JSONResponse:
    """Verify a credential of anybody. Anyone may, without a key. Nothing is fetched for it."""
    found = await verify_credential_in(office, await request.body())
    return JSONResponse(found.to_document())


@router.get("/contexts/certificate-of-origin-v1.jsonld", include_in_schema=False)
def context() -> Response:
    """Return the vocabulary that the credentials name as a context."""
    return Response(
        context_bytes(),
        media_type="application/ld+json",
        headers={"Cache-Control": FOR_EVER, "Access-Control-Allow-Origin": "*"},
    )


def _as_token(accept: str) -> bool:
    return "application/vc+jwt" in accept


def _handed(made: Secured, more: dict[str, str] | None = None) -> Response:
    return Response(
        made.data, media_type=made.media_type, headers={"Vary": "Accept"} | (more or {})
    )
