"""Databases that hold the small register."""

from uuid import UUID, uuid4

import pytest
from small_register import NOON, PARTIES, submit

from tulen.database import Database, applications, parties


@pytest.fixture
async def register(database: Database) -> Database:
    """A database that knows the parties."""
    async with database.transaction() as connection:
        for party in PARTIES:
            await parties.register(connection, party)
    return database


@pytest.fixture
async def submitted(register: Database) -> UUID:
    """An application that was submitted."""
    identifier = uuid4()
    async with register.transaction() as connection:
        await submit(connection, identifier)
    return identifier


@pytest.fixture
async def approved(register: Database, submitted: UUID) -> UUID:
    """An application that two officers have approved."""
    async with register.transaction() as connection:
        await applications.recommend(connection, submitted, by="first", at=NOON)
        await applications.approve(connection, submitted, by="second", at=NOON)
    return submitted
