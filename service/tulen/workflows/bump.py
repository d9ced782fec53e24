"""Sign a transaction that waits too long again, under its nonce, at a higher fee.

What was signed before is kept, since any of it may still be mined. The new bytes are kept before
they are sent, as the first ones were.
"""

import asyncio
import logging

from tulen.chain import sender
from tulen.chain.sender import Fees, Signed
from tulen.database import parties, replacements
from tulen.database.errors import StateChangedError
from tulen.database.transactions import Attempt
from tulen.keys import AccountSigner
from tulen.workflows.office import ACCOUNT, Office

_log = logging.getLogger("tulen.chain")


async def bump(office: Office, last: Attempt) -> Attempt | None:
    """Keep the attempt that takes the place of ``last``, where that is due, and return it.

    It is due where ``last`` has waited for `Settings.bump_seconds` as the first of its account. It
    does the same as ``last``: what cancels goes on to cancel.

    Returns:
        The attempt, to be handed over. None where it is not due, the cap does not allow it, gas is
        free, or the account's key is not here: ``last`` then goes on to wait.

    Raises:
        UnavailableError: node or database does not answer.
    """
    async with office.database.transaction() as connection:
        if not await replacements.is_overdue(connection, last, office.settings.bump_seconds):
            return None
    asked = await sender.fees(office.chain)
    cap = office.settings.fee_cap
    offer = sender.raised(Fees(last.max_fee, last.tip), asked, cap)
    account = None if offer is None else await _account(office, last.sender)
    if offer is None or account is None:
        if last.tx_hash not in office.held:
            office.held.add(last.tx_hash)
            why = "key-not-here" if offer else "at-the-cap"
            _log.warning(
                "transaction:not-raised why=%s nonce=%d tx=%s offers=%d cap=%d base-fee-twice=%d",
                *(why, last.nonce, last.tx_hash, last.max_fee, cap, asked.max_fee - asked.tip),
            )
        return None
    signed = sender.sign_again(account, last.raw, offer)
    try:
        attempt = await keep(office, last, signed, offer, cancels=last.cancels)
    except StateChangedError as error:  # An officer has cancelled it, or a block holds it.
        _log.info("transaction:settled-meanwhile cause=%s", error)
        return None
    _log.warning(
        "transaction:raised nonce=%d tx=%s offers=%d after=%s which-offered=%d",
        *(last.nonce, attempt.tx_hash, offer.max_fee, last.tx_hash, last.max_fee),
    )
    return attempt


async def keep(
    office: Office, last: Attempt, signed: Signed, offer: Fees, *, cancels: bool
) -> Attempt:
    """Keep ``signed`` in place of ``last``, before it is sent, and return it.

    Raises:
        StateChangedError: a block holds the nonce, or somebody else has replaced ``last``.
        UnavailableError: the database does not answer.
    """
    attempt = Attempt(
        signed.tx_hash,
        last.chain_id,
        last.sender,
        last.nonce,
        signed.raw,
        offer.max_fee,
        offer.tip,
        cancels=cancels,
    )
    async with office.database.transaction() as connection:
        await replacements.record_replacement(connection, attempt, last)
    return attempt


async def _account(office: Office, address: bytes) -> AccountSigner | None:
    """Return the account of ``address``, if its key is here."""
    async with office.database.transaction() as connection:
        everybody = await parties.all_parties(connection)
    for party in everybody:
        if office.keys.find(party.code, ACCOUNT) is None:
            continue
        account = await asyncio.to_thread(office.account, party.code)
        if account.octets == address:
            return account
    return None
