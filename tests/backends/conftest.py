"""Real services on real sockets, each started once a session."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

import pytest
import pytest_asyncio

from backends import BACKENDS
from tests.backends.services import Asked, Backends, asking, memory_database, mysql_database, settings


@asynccontextmanager
async def _started(database: Callable[[], AbstractAsyncContextManager[str]]) -> AsyncIterator[Backends]:
    """The three services, each on a database of its own."""
    async with AsyncExitStack() as stack:
        started = {}
        for name in BACKENDS:
            url = await stack.enter_async_context(database())
            started[name] = await stack.enter_async_context(asking(name, settings(url)))
        yield started


@pytest_asyncio.fixture(scope="session")
async def sqlite() -> AsyncIterator[Backends]:
    """On SQLite."""
    async with _started(memory_database) as started:
        yield started


@pytest_asyncio.fixture(scope="session")
async def mysql() -> AsyncIterator[Backends]:
    """On MySQL."""
    async with _started(mysql_database) as started:
        yield started


@pytest.fixture(scope="session", params=["sqlite", "mysql"])
def backends(request: pytest.FixtureRequest) -> Backends:
    """Every test that asks the services runs with both kinds of database.

    pytest ends a fixture with parameters whenever another one's turn comes; the services themselves go on.
    """
    started: Backends = request.getfixturevalue(request.param)
    return started


@pytest.fixture(scope="session")
def subscriptions(backends: Backends) -> Asked:
    """The subscriptions service."""
    return backends["subscriptions"]


@pytest.fixture(scope="session")
def bundles(backends: Backends) -> Asked:
    """The bundles service."""
    return backends["bundles"]


@pytest.fixture(scope="session")
def loyalty(backends: Backends) -> Asked:
    """The loyalty service."""
    return backends["loyalty"]


@pytest.fixture(scope="session", autouse=True)
def _quiet() -> None:
    """Aiosqlite describes every statement twice; written down for each test that takes as long as the test."""
    logging.getLogger("aiosqlite").setLevel(logging.INFO)
