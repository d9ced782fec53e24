"""Witnesses' signatures beneath a checkpoint: kept as they are, served after the authority's."""

import pytest
from desk import MOIT, PERSONS, Desk

from tulen.errors import InvalidInputError
from tulen.log import NoteSignature, PublishedCheckpoint
from tulen.workflows.attach import NotOurCheckpointError, attach
from tulen.workflows.office import WrongRoleError
from tulen.workflows.public_log import public_checkpoint

pytestmark = pytest.mark.anyio

OFFICER = PERSONS["officer-1"]


def by(name: str, signature: bytes = b"signed") -> NoteSignature:
    return NoteSignature(name, b"\0\0\0\7", signature)


async def served(desk: Desk) -> PublishedCheckpoint:
    return PublishedCheckpoint.parse(await public_checkpoint(desk.office, MOIT))


async def test_what_is_attached_is_served_until_the_next_checkpoint(desk: Desk) -> None:
    await desk.certified()
    first = await served(desk)
    assert first.others == ()
    for line, count in ((by("b"), 1), (by("a"), 2), (by("b", b"newer"), 2), (by("b", b"newer"), 2)):
        note = (await served(desk)).cosigned_by(line).note
        assert await attach(desk.office, OFFICER, note) == count
    now = await served(desk)
    assert now.signed == first.signed
    assert now.others == (by("a"), by("b", b"newer"))
    assert await attach(desk.office, OFFICER, first.note) == 2, "what is not said is not taken away"
    await desk.certified()
    assert (await served(desk)).others == ()
    assert await attach(desk.office, OFFICER, first.cosigned_by(by("late")).note) == 3


async def test_what_does_not_fit_is_refused_and_nothing_is_kept(desk: Desk) -> None:
    await desk.certified()
    first = await served(desk)
    many = PublishedCheckpoint(first.signed, tuple(by(f"w{number}") for number in range(16)))
    with pytest.raises(WrongRoleError):
        await attach(desk.office, PERSONS["exporter"], first.cosigned_by(by("a")).note)
    other_root = first.signed.note.replace("\n1\n", "\n2\n")
    with pytest.raises(NotOurCheckpointError, match="has no checkpoint over 2 entries"):
        await attach(desk.office, OFFICER, other_root)
    with pytest.raises(NotOurCheckpointError, match="over 1 entries that says"):
        await attach(desk.office, OFFICER, first.signed.note[:-5] + "AAA=\n")
    with pytest.raises(InvalidInputError, match="checkpoint"):
        await attach(desk.office, OFFICER, "no note")
    assert await attach(desk.office, OFFICER, first.cosigned_by(by("a")).note) == 1
    with pytest.raises(InvalidInputError, match="are more than 16"):
        await attach(desk.office, OFFICER, many.note)
    assert (await served(desk)).others == (by("a"),)
