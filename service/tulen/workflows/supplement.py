"""An officer asks for more, box by box; the exporter answers with the next version."""

import asyncio
from typing import Any
from uuid import UUID

from tulen.certificate import Application
from tulen.database import applications
from tulen.database.states import Role
from tulen.errors import InvalidInputError, NotFoundError
from tulen.values import canonical_bytes, line_of_text
from tulen.values.fields import members_of
from tulen.workflows import clock
from tulen.workflows.apply import ApplicationView, kept_form, row_for, view_of
from tulen.workflows.judge import judge
from tulen.workflows.office import Caller, Office
from tulen.workflows.step import record_decision

MAX_REMARKS = 50


async def ask(
    office: Office, caller: Caller, application: UUID, document: dict[str, Any]
) -> ApplicationView:
    """Ask the exporter for a supplement.

    Args:
        office: Where.
        caller: An officer of the authority.
        application: Which.
        document: ``{"remarks": [{"field", "text"}]}``: what is missing or wrong, and where; the
            field is a JSON pointer into the application.

    Raises:
        WrongRoleError: the caller is no officer.
        InvalidInputError: a remark is malformed, or its field is not in the application.
        NotFoundError: the application is not its authority's.
        StateChangedError: it is not submitted.
    """
    row = await row_for(office, caller, application)
    view = await view_of(office, row)
    remarks = _remarks_in(document, view.application)
    now = clock.now()
    async with office.database.transaction() as connection:
        row = await applications.ask(connection, application)
        await record_decision(connection, "ask", row, caller, now, remarks=remarks)
    return await view_of(office, row)


async def supplement(
    office: Office, caller: Caller, application: UUID, document: dict[str, Any]
) -> ApplicationView:
    """Answer with the next version of the application; it is judged anew.

    Raises:
        WrongRoleError: the caller is no exporter.
        InvalidInputError: the document is malformed, or for another authority, agreement or form.
        NotFoundError: the application is not the caller's.
        StateChangedError: nobody asked for a supplement.
    """
    caller.must_be(Role.EXPORTER)
    async with office.database.transaction() as connection:
        row = await applications.find(connection, application)
    if row is None or row.exporter != caller.party:
        raise NotFoundError(f"application {application} is not in the register")
    version = Application.from_document(document)
    for name, said, first in (
        ("issuing_authority", version.issuing_authority, row.authority),
        ("agreement", version.consignment.agreement, row.agreement),
        ("form", version.consignment.form, row.form),
        (
            "exporting_country",
            version.consignment.exporting_country,
            caller.party.country,
        ),
    ):
        if said != first:
            raise InvalidInputError(
                f"/{name}", said, f"is not {first}; withdraw this application and apply anew"
            )
    now = clock.now()
    judgement = judge(version, now.date())
    kept = kept_form(
        caller,
        application,
        version,
        judgement,
        submitted_at=row.submitted_at,
        version=row.version + 1,
    )
    ref = await asyncio.to_thread(office.vault.put, canonical_bytes(kept))
    async with office.database.transaction() as connection:
        row = await applications.supplement(
            connection,
            application,
            document_ref=ref,
            outcome=judgement.outcome.value,
            verdict_digest=judgement.digest,
        )
        await record_decision(
            connection, "supplement", row, caller, now, version=row.version, document=ref.hex()
        )
    return await view_of(office, row)


def _remarks_in(document: dict[str, Any], application: Application) -> list[dict[str, str]]:
    remarks = members_of(document, "", ("remarks",))["remarks"]
    if not isinstance(remarks, list) or not 0 < len(remarks) <= MAX_REMARKS:
        raise InvalidInputError("/remarks", remarks, f"is not a list of 1 to {MAX_REMARKS} remarks")
    known = application.to_document()
    said = []
    for index, remark in enumerate(remarks):
        table = members_of(remark, f"/remarks/{index}", ("field", "text"))
        pointer = line_of_text(table["field"], f"/remarks/{index}/field")
        if not _is_in(known, pointer):
            raise InvalidInputError(
                f"/remarks/{index}/field", pointer, "is no place in the application"
            )
        said.append(
            {"field": pointer, "text": line_of_text(table["text"], f"/remarks/{index}/text")}
        )
    return said


def _is_in(document: object, pointer: str) -> bool:
    """Return whether ``pointer`` leads to a member, or to where one would be added."""
    *path, last = pointer.split("/")[1:] or [""]
    if not pointer.startswith("/"):
        return False
    for name in path:
        if isinstance(document, dict) and name in document:
            document = document[name]
        elif isinstance(document, list) and name.isdecimal() and int(name) < len(document):
            document = document[int(name)]
        else:
            return False
    return isinstance(document, dict) or (
        isinstance(document, list) and last.isdecimal() and int(last) <= len(document)
    )
