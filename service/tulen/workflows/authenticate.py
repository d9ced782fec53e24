"""Find out whom an API key belongs to, and make new ones."""

import hashlib
import hmac
import re
import secrets

from tulen.database import parties
from tulen.database.parties import ApiKey
from tulen.database.states import Role
from tulen.values import PartyCode
from tulen.workflows import clock
from tulen.workflows.office import Caller, Office

PREFIX_BYTES = 6
SECRET_BYTES = 32

_KEY = re.compile(r"tulen_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


async def authenticate(office: Office, key: str) -> Caller | None:
    """Return whom ``key`` belongs to; None where it is malformed, unknown or withdrawn."""
    parts = _KEY.fullmatch(key)
    if parts is None:
        return None
    prefix, secret = parts.groups()
    async with office.database.transaction() as connection:
        known = await parties.find_api_key(connection, prefix)
    if known is None or known.revoked_at is not None:
        return None
    if not hmac.compare_digest(known.secret_hash, _hash(secret)):
        return None
    return Caller(known.party, known.officer, known.role)


async def make_api_key(office: Office, party: PartyCode, officer: str, role: Role) -> str:
    """Make a key for ``officer`` of ``party`` and return it. Only its hash is kept.

    The secret has 256 random bits, so one SHA-256 protects it: there is nothing to guess.
    """
    prefix, secret = secrets.token_hex(PREFIX_BYTES), secrets.token_urlsafe(SECRET_BYTES)
    async with office.database.transaction() as connection:
        await parties.add_api_key(
            connection, ApiKey(prefix, _hash(secret), party, officer, role, clock.now())
        )
    return f"tulen_{prefix}_{secret}"


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
