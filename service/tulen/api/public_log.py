"""The logs as C2SP tlog-tiles lays them out: public, anonymous, and made for caches.

The paths are not in the OpenAPI description: docs/specs/log.md, section 7, describes them.
"""

from typing import Final

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse

from tulen.api.requests import TheOffice
from tulen.api.routes import Authority
from tulen.values import PartyCode
from tulen.workflows.public_log import public_checkpoint, public_part

FOR_EVER: Final = "public, max-age=31536000, immutable"
"""Even of a tile that is not full: its width is a part of its address."""
A_MOMENT: Final = "public, max-age=1"

router = APIRouter(prefix="/log/{authority}", include_in_schema=False)


@router.get("/checkpoint")
async def checkpoint(office: TheOffice, authority: Authority) -> Response:
    """Return the latest checkpoint, as a signed note."""
    note = await public_checkpoint(office, PartyCode(authority))
    return PlainTextResponse(note, headers={"Cache-Control": A_MOMENT})


@router.get("/tile/{path:path}")
async def tile(office: TheOffice, authority: Authority, path: str) -> Response:
    """Return a tile of hashes, or a bundle of entries."""
    data = await public_part(office, PartyCode(authority), path)
    return Response(
        data, media_type="application/octet-stream", headers={"Cache-Control": FOR_EVER}
    )
