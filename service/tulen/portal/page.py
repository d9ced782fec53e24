"""One plain page: anyone drops a bundle and reads the checks. It works without JavaScript."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, File, Request, UploadFile
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates

from tulen.verify import Verification
from tulen.workflows import Office, verify_bundle

_HERE = Path(__file__).parent
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

router = APIRouter(include_in_schema=False)
static = StaticFiles(directory=_HERE / "static")
_templates = Jinja2Templates(_HERE / "templates")


@router.get("/")
def ask(request: Request) -> HTMLResponse:
    """Show the drop zone."""
    return _page(request, None, None)


@router.post("/")
async def answer(request: Request, bundle: Annotated[UploadFile, File()]) -> HTMLResponse:
    """Verify the uploaded bundle and show every check."""
    office: Office = request.app.state.office
    verification = await verify_bundle(office, await bundle.read())
    return _page(request, verification, bundle.filename)


def _page(request: Request, verification: Verification | None, name: str | None) -> HTMLResponse:
    context = {"verification": verification, "name": name}
    return _templates.TemplateResponse(request, "check.html", context, headers=_HEADERS)
