"""Attach what witnesses signed to a checkpoint of one's own log, for the public log to serve."""

from typing import ClassVar

from tulen.database import checkpoints, cosignatures, log
from tulen.database.states import Role
from tulen.errors import RuleViolationError
from tulen.log import NoteSignature, PublishedCheckpoint, log_name
from tulen.workflows.office import Caller, Office


class NotOurCheckpointError(RuleViolationError):
    """The note is of another log, or says what this log's register does not."""

    code: ClassVar[str] = "not-our-checkpoint"


async def attach(office: Office, caller: Caller, note: str) -> int:
    """Keep the signatures in ``note`` besides the authority's; return how many stand there now.

    Whether they are good is not asked: whoever knows the witness's key knows.

    Raises:
        WrongRoleError: the caller is no officer.
        InvalidInputError: the note is none, or too many would stand beneath the checkpoint.
        NotOurCheckpointError: the caller's log has no such checkpoint.
    """
    caller.must_be(Role.OFFICER)
    published = PublishedCheckpoint.parse(note)
    head, authority = published.signed.checkpoint, caller.party
    async with office.database.transaction() as connection:
        await log.lock(connection, authority)  # Two that attach at once count each other's.
        known = await checkpoints.checkpoint_at(connection, authority, head.size)
        if known is None or known.note != published.signed.note:
            raise NotOurCheckpointError(
                f"{log_name(authority)} has no checkpoint over {head.size} entries that says "
                f"{head.root.hex()}; attach to the note as the log serves it"
            )
        lines = await cosignatures.beneath(connection, authority, head.size)
        all_of_them = PublishedCheckpoint(published.signed, tuple(NoteSignature(*x) for x in lines))
        for other in published.others:
            all_of_them = all_of_them.cosigned_by(other)
            await cosignatures.attach(
                connection,
                authority,
                head.size,
                name=other.name,
                key_id=other.key_id,
                signature=other.signature,
            )
    return len(all_of_them.others)
