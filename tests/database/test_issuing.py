"""Parties, applications and certificates: each step once, in order, by the right officer."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from small_register import (
    CUSTOMS,
    EXPORTER,
    LINE,
    MOIT,
    NOON,
    PARTIES,
    alone,
    digest_of,
    precommit,
    submit,
)
from sqlalchemy import text

from tulen.database import Database, applications, certificates, log, parties
from tulen.database.errors import (
    ConstraintError,
    OtherContentError,
    SameOfficerError,
    StateChangedError,
)
from tulen.database.states import ApplicationState, CertificateState, RevocationKind, Role
from tulen.values import FormCode, PartyCode

pytestmark = pytest.mark.anyio

SIGNATURE = bytes(64)


async def test_a_party_is_registered_once_and_stays_as_it_is(register: Database) -> None:
    await alone(register, lambda c: parties.register(c, PARTIES[0]))
    assert await alone(register, lambda c: parties.find(c, "VN.MOIT")) == PARTIES[0]
    with pytest.raises(OtherContentError, match="Ministry"):
        await alone(register, lambda c: parties.register(c, replace(PARTIES[0], name="Other")))
    assert [p.code for p in await alone(register, parties.all_parties)] == sorted(
        p.code for p in PARTIES
    )


async def test_an_api_key_is_found_by_its_prefix_and_ends_once(register: Database) -> None:
    key = parties.ApiKey("abcd1234", bytes(32), MOIT, "officer-1", Role.OFFICER, NOON)
    await alone(register, lambda c: parties.add_api_key(c, key))
    assert await alone(register, lambda c: parties.find_api_key(c, "abcd1234")) == key
    assert await alone(register, lambda c: parties.find_api_key(c, "abcd")) is None
    for hours in (1, 2):
        end = NOON + timedelta(hours=hours)
        await alone(register, lambda c, end=end: parties.revoke_api_key(c, "abcd1234", at=end))
    ended = await alone(register, lambda c: parties.find_api_key(c, "abcd1234"))
    assert ended.revoked_at == NOON + timedelta(hours=1)


async def test_an_api_key_does_not_show_its_hash() -> None:
    key = parties.ApiKey("abcd1234", b"\xaa" * 32, MOIT, "officer-1", Role.OFFICER, NOON)
    assert "xaa" not in repr(key)


async def test_an_application_goes_through_two_officers(register: Database, approved: UUID) -> None:
    known = await alone(register, lambda c: applications.find(c, approved))
    assert known.state is ApplicationState.APPROVED
    assert (known.recommended_by, known.approved_by) == ("first", "second")
    issued = await alone(register, lambda c: applications.record_issue(c, approved))
    assert issued.state is ApplicationState.ISSUED


async def test_submitting_again_changes_nothing_and_other_content_is_refused(
    register: Database, submitted: UUID
) -> None:
    first = await alone(register, lambda c: applications.find(c, submitted))
    again = await alone(register, lambda c: submit(c, submitted, at=NOON + timedelta(hours=1)))
    assert again == first
    with pytest.raises(OtherContentError):
        await alone(register, lambda c: submit(c, submitted, verdict_digest=digest_of(99)))


async def test_one_officer_cannot_do_both_steps(register: Database, submitted: UUID) -> None:
    await alone(register, lambda c: applications.recommend(c, submitted, by="first", at=NOON))
    with pytest.raises(SameOfficerError, match="first recommended"):
        await alone(register, lambda c: applications.approve(c, submitted, by="first", at=NOON))
    with pytest.raises(ConstraintError, match="application_two_officers"):
        await alone(
            register,
            lambda c: c.execute(
                text(
                    "UPDATE application SET state = 'approved', approved_by = 'first', "
                    "approved_at = now()"
                )
            ),
        )


async def test_steps_out_of_order_are_refused(register: Database, submitted: UUID) -> None:
    with pytest.raises(StateChangedError, match="submitted, not recommended"):
        await alone(register, lambda c: applications.approve(c, submitted, by="x", at=NOON))
    with pytest.raises(StateChangedError, match="submitted, not approved"):
        await alone(register, lambda c: applications.record_issue(c, submitted))
    with pytest.raises(StateChangedError, match="unknown"):
        await alone(register, lambda c: applications.recommend(c, uuid4(), by="x", at=NOON))


async def test_what_is_rejected_stays_rejected(register: Database, submitted: UUID) -> None:
    rejected = await alone(
        register,
        lambda c: applications.reject(c, submitted, by="first", rejection="No invoice", at=NOON),
    )
    assert rejected.rejection == "No invoice"
    with pytest.raises(StateChangedError, match="rejected"):
        await alone(register, lambda c: applications.recommend(c, submitted, by="x", at=NOON))


async def test_what_does_not_originate_is_not_approved(register: Database) -> None:
    identifier = uuid4()
    await alone(register, lambda c: submit(c, identifier, outcome="NOT_MET"))
    await alone(register, lambda c: applications.recommend(c, identifier, by="a", at=NOON))
    with pytest.raises(ConstraintError, match="not_met_is_not_approved"):
        await alone(register, lambda c: applications.approve(c, identifier, by="b", at=NOON))


async def test_applications_are_listed_for_those_concerned(
    register: Database, submitted: UUID
) -> None:
    later = uuid4()
    await alone(register, lambda c: submit(c, later, at=NOON + timedelta(hours=1)))
    mine = await alone(register, lambda c: applications.of_exporter(c, EXPORTER))
    assert [application.id for application in mine] == [later, submitted]
    assert await alone(register, lambda c: applications.of_exporter(c, CUSTOMS)) == ()
    state = ApplicationState.SUBMITTED
    waiting = await alone(register, lambda c: applications.waiting(c, MOIT, state, limit=1))
    assert [application.id for application in waiting] == [submitted]


async def test_a_certificate_is_written_down_then_signed_then_logged(
    register: Database, approved: UUID
) -> None:
    written = await alone(register, lambda c: precommit(c, approved))
    assert written.state is CertificateState.PRECOMMITTED
    assert await alone(register, certificates.unfinished) == (written,)
    assert await alone(register, lambda c: certificates.lines_of(c, written.number)) == (LINE,)
    signed = await alone(
        register, lambda c: certificates.record_signature(c, written.number, SIGNATURE, at=NOON)
    )
    assert signed.state is CertificateState.SIGNED
    index = await alone(register, lambda c: log.append_entry(c, MOIT, 1, written.digest))
    logged = await alone(register, lambda c: certificates.record_logged(c, written.number))
    assert (logged.state, logged.log_index) == (CertificateState.LOGGED, index)
    assert await alone(register, lambda c: certificates.record_logged(c, written.number)) == logged
    assert await alone(register, certificates.unfinished) == ()
    for found in (
        await alone(register, lambda c: certificates.find(c, written.number)),
        await alone(register, lambda c: certificates.find_by_digest(c, written.digest)),
        await alone(register, lambda c: certificates.find_by_application(c, approved)),
    ):
        assert found == logged


async def test_precommitting_again_returns_what_was_written_first(
    register: Database, approved: UUID
) -> None:
    first, second = await asyncio.gather(
        alone(register, lambda c: precommit(c, approved)),
        alone(
            register, lambda c: precommit(c, approved, digest=digest_of(77), number="B", serial=2)
        ),
    )
    assert first == second
    assert len(await alone(register, lambda c: certificates.lines_of(c, first.number))) == 1


async def test_of_two_signatures_one_is_kept(register: Database, approved: UUID) -> None:
    number = (await alone(register, lambda c: precommit(c, approved))).number
    given = [bytes([value]) * 64 for value in range(4)]
    results = await asyncio.gather(
        *(
            alone(register, lambda c, s=s: certificates.record_signature(c, number, s, at=NOON))
            for s in given
        ),
        return_exceptions=True,
    )
    kept = [result for result in results if not isinstance(result, Exception)]
    refused = [result for result in results if isinstance(result, OtherContentError)]
    assert (len(kept), len(refused)) == (1, 3)
    same = await alone(
        register, lambda c: certificates.record_signature(c, number, kept[0].signature, at=NOON)
    )
    assert same == kept[0]


async def test_an_unsigned_or_unlogged_certificate_is_not_recorded_as_logged(
    register: Database, approved: UUID
) -> None:
    number = (await alone(register, lambda c: precommit(c, approved))).number
    with pytest.raises(StateChangedError, match="precommitted"):
        await alone(register, lambda c: certificates.record_logged(c, number))
    await alone(register, lambda c: certificates.record_signature(c, number, SIGNATURE, at=NOON))
    with pytest.raises(StateChangedError, match="digest in the log"):
        await alone(register, lambda c: certificates.record_logged(c, number))
    with pytest.raises(StateChangedError, match="unknown"):
        await alone(register, lambda c: certificates.record_signature(c, "X", SIGNATURE, at=NOON))


async def test_serials_are_given_once_however_many_ask(register: Database) -> None:
    async def issue() -> int:
        async with register.transaction() as connection:
            identifier = uuid4()
            await submit(connection, identifier)
            serial = await certificates.next_serial(connection, MOIT, FormCode("D"), 2026)
            await precommit(
                connection,
                identifier,
                number=f"VN-{serial}",
                serial=serial,
                digest=digest_of(1000 + serial),
            )
            return serial

    assert sorted(await asyncio.gather(*(issue() for _ in range(8)))) == list(range(1, 9))
    async with register.transaction() as connection:
        assert await certificates.next_serial(connection, MOIT, FormCode("D"), 2027) == 1


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"valid_until": date(2026, 1, 15)}, "valid_for_a_day"),
        ({"serial": 0}, "serial_check"),
        ({"authority": PartyCode("VN.NONE")}, "authority_fkey"),
        ({"lines": [replace(LINE, certified_micro=0)]}, "certified_micro_check"),
        ({"lines": [LINE, LINE]}, "certificate_line_pkey"),
    ],
)
async def test_a_wrong_certificate_is_refused_by_the_database(
    register: Database, approved: UUID, changes: dict[str, object], constraint: str
) -> None:
    with pytest.raises(ConstraintError, match=constraint):
        await alone(register, lambda c: precommit(c, approved, **changes))
    assert await alone(register, certificates.unfinished) == ()


async def test_the_largest_quantity_comes_back_exactly(register: Database, approved: UUID) -> None:
    line = replace(LINE, certified_micro=10**24 - 1)
    written = await alone(register, lambda c: precommit(c, approved, lines=[line]))
    assert await alone(register, lambda c: certificates.lines_of(c, written.number)) == (line,)


async def test_a_revocation_is_requested_once(register: Database, approved: UUID) -> None:
    written = await alone(register, lambda c: precommit(c, approved))
    request = certificates.Revocation(
        uuid4(), written.number, RevocationKind.REVOKE, 1, "Forged invoice", "second", NOON
    )
    for _ in range(2):
        known = await alone(register, lambda c: certificates.request_revocation(c, request))
        assert known == request
    assert await alone(register, lambda c: certificates.revocations_of(c, written.number)) == (
        request,
    )
    with pytest.raises(OtherContentError):
        await alone(
            register,
            lambda c: certificates.request_revocation(c, replace(request, reason=2)),
        )


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM certificate_line",
        "UPDATE certificate_line SET certified_micro = 1",
        "DELETE FROM log_entry",
        "UPDATE log_entry SET kind = 2",
    ],
)
async def test_what_is_issued_cannot_be_unmade(
    register: Database, approved: UUID, statement: str
) -> None:
    async with register.transaction() as connection:
        written = await precommit(connection, approved)
        await log.append_entry(connection, MOIT, 1, written.digest)
    with pytest.raises(ConstraintError, match="is_kept"):
        await alone(register, lambda c: c.execute(text(statement)))
