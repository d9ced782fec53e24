"""Setting up: the three contracts, one after another, each waited for."""

import asyncio
from typing import Final

from tulen.chain import contracts
from tulen.chain.calls import Call
from tulen.chain.deployment import Deployment, genesis_hash
from tulen.chain.refusals import ContractRefusalError
from tulen.chain.rpc import AnyChain
from tulen.chain.sender import (
    Receipt,
    TransactionSigner,
    broadcast,
    fees,
    next_nonce,
    preflight,
    reason,
    receipt,
    sign,
)
from tulen.errors import UnavailableError

MINED_SECONDS: Final = 60.0
"""How long one transaction of the set-up is waited for."""
_FIRST_POLL_SECONDS: Final = 0.004
_LAST_POLL_SECONDS: Final = 1.0


async def deploy(chain: AnyChain, signer: TransactionSigner, governor: str) -> Deployment:
    """Create the three contracts and return where they stand.

    Args:
        chain: The chain to create them on.
        signer: The account that pays; it gets no power over them.
        governor: Address of the account that appoints stewards, for ever.

    Raises:
        UnavailableError: the node does not answer, or mines nothing.
    """
    registry, block = await _create(chain, signer, contracts.registry(), governor)
    ledger, _ = await _create(chain, signer, contracts.ledger(), registry)
    drawdowns, _ = await _create(chain, signer, contracts.drawdowns(), ledger)
    genesis = await genesis_hash(chain)
    return Deployment(chain.chain_id, registry, ledger, drawdowns, genesis, block)


async def send_and_wait(chain: AnyChain, signer: TransactionSigner, call: Call) -> Receipt:
    """Send ``call`` and return its receipt once it is mined.

    For set-up only, where nothing else sends from the account and a crash is met by starting
    over: the nonce is not stored anywhere.

    Raises:
        ContractRefusalError: the contract refuses, before or after mining.
        UnavailableError: the node does not answer, or mines nothing.
    """
    gas = await preflight(chain, signer.address, call)
    offer, nonce = await asyncio.gather(fees(chain), next_nonce(chain, signer.address))
    signed = sign(signer, chain_id=chain.chain_id, call=call, nonce=nonce, gas=gas, offer=offer)
    await broadcast(chain, signed.raw)
    pause = _FIRST_POLL_SECONDS
    loop = asyncio.get_running_loop()
    deadline = loop.time() + MINED_SECONDS
    while loop.time() < deadline:
        mined = await receipt(chain, signed.tx_hash)
        if mined is not None:
            if mined.succeeded:
                return mined
            why = await reason(chain, signed.tx_hash)
            raise why or ContractRefusalError(f"transaction {signed.tx_hash} was reverted")
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LAST_POLL_SECONDS)
    raise UnavailableError(
        f"{chain.name}: transaction {signed.tx_hash} was not mined within {MINED_SECONDS:.0f} s"
    )


async def _create(
    chain: AnyChain, signer: TransactionSigner, contract: contracts.Contract, argument: str
) -> tuple[str, int]:
    mined = await send_and_wait(chain, signer, Call(None, contract.deployment_data(argument)))
    if mined.created is None:
        raise UnavailableError(f"{chain.name}: created no {contract.name}")
    return mined.created, mined.block_number
