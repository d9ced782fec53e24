"""One plain page: anyone gives a bundle and reads the checks. It works without JavaScript."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from tulen.portal.words import day, facts_of, headline, instant, lines_of, seconds
from tulen.verify import Verification
from tulen.workflows.office import Office
from tulen.workflows.verify import verify_bundle

_HERE = Path(__file__).parent
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
}
"""Everything the page loads is our own; what else it carries, every answer does."""
_NO_FILE = 422

router = APIRouter(include_in_schema=False)
static = StaticFiles(directory=_HERE / "static")
_templates = Jinja2Templates(_HERE / "templates")
_templates.env.filters |= {"day": day, "instant": instant, "seconds": seconds}


@router.get("/")
def ask(request: Request) -> HTMLResponse:
    """Show the form."""
    return _page(request)


@router.post("/")
async def answer(request: Request) -> HTMLResponse:
    """Verify the uploaded bundle and show every check."""
    office: Office = request.app.state.office
    try:
        async with request.form(max_files=1, max_fields=1) as form:
            file = form.get("bundle")
            if not isinstance(file, UploadFile) or not file.filename:
                return _page(request, _NO_FILE, problem="No file was given. Choose one first.")
            data, name = await file.read(), file.filename
    except HTTPException as error:
        problem = f"The file could not be read: {error.detail}."
        return _page(request, error.status_code, problem=problem)
    verification = await verify_bundle(office, data)
    return _page(request, name=name, **_shown(verification))


def _shown(verification: Verification) -> dict[str, Any]:
    word, sentence = headline(verification)
    return {
        "verification": verification,
        "word": word,
        "sentence": sentence,
        "number": verification.claims.get("/number"),
        "facts": facts_of(verification.claims),
        "lines": lines_of(verification.claims),
    }


def _page(request: Request, status: int = 200, /, **context: Any) -> HTMLResponse:  # noqa: ANN401 - what the template shows
    return _templates.TemplateResponse(
        request, "check.html", context, status_code=status, headers=_HEADERS
    )
