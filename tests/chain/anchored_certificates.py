"""A certificate that the chain holds, for the tests of what is read of it."""

import pytest

from anvil_fixtures import ATIGA, FORM_D, Party, World
from tulen.chain import calls
from tulen.chain.deploy import send_and_wait
from tulen.chain.rpc import Chain
from tulen.chain.sender import Receipt
from tulen.log import Kind, entry_leaf_hash, leaf_hash
from tulen.values import Country, Digest
from tulen.verify.facts import ChainQuestion


class Issued:
    """A certificate that is the one entry of its authority's log, anchored."""

    def __init__(self, authority: Party, receipt: Receipt, digest: Digest, root: Digest) -> None:
        self.receipt = receipt
        self.digest = digest
        self.question = ChainQuestion(
            authority.code.on_chain,
            root,
            1,
            digest,
            authority.key,
            ATIGA,
            FORM_D,
            Country("ID"),
            (),
            receipt.tx_hash,
        )


async def issued_by(authority: Party, world: World, chain: Chain) -> Issued:
    """Anchor the first certificate of an authority."""
    digest = Digest(leaf_hash(authority.code.encode()))
    root = Digest(entry_leaf_hash(Kind.CERTIFICATE, digest))
    call = calls.anchor(
        world.deployment,
        predecessor_size=0,
        predecessor_root=None,
        size=1,
        root=root,
        consistency_path=[],
    )
    receipt = await send_and_wait(chain, authority.account, call)
    return Issued(authority, receipt, digest, root)


@pytest.fixture
async def issued(world: World, authority: Party, chain: Chain) -> Issued:
    return await issued_by(authority, world, chain)
