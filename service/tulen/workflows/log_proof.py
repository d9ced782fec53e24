"""The proof that an entry stands in an authority's log."""

from tulen.database import log
from tulen.log import inclusion_proof, tiles_for_inclusion
from tulen.values import Digest, PartyCode
from tulen.workflows.office import Office


async def inclusion_path(
    office: Office, authority: PartyCode, index: int, size: int
) -> tuple[Digest, ...]:
    """Return the inclusion path of entry ``index`` in ``authority``'s log of ``size`` entries.

    Raises:
        InvalidInputError: there is no such entry.
        BrokenTileError: the stored tiles do not hold what the size says.
        UnavailableError: the database does not answer.
    """
    wanted = tiles_for_inclusion(index, size)
    tiles = office.tiles.known(authority, wanted, size)
    if missing := wanted - tiles.keys():
        async with office.database.reading() as connection:
            read = await log.read_tiles(connection, authority, missing)
        office.tiles.keep(authority, read)
        tiles |= read
    return tuple(map(Digest, inclusion_proof(tiles.__getitem__, index, size)))
