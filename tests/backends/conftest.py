"""Real services on real sockets, each started once a session."""

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from backends import BACKENDS
from tests.backends.services import Asked, Backends, asking, memory_database, mysql_database, settings


@pytest_asyncio.fixture(scope="session", params=[memory_database, mysql_database], ids=["sqlite", "mysql"])
async def backends(request: pytest.FixtureRequest) -> AsyncIterator[Backends]:
    """The three services, each on its own database of one kind; every test that asks them runs with both kinds."""
    async with AsyncExitStack() as stack:
        started = {}
        for name in BACKENDS:
            url = await stack.enter_async_context(request.param())
            started[name] = await stack.enter_async_context(asking(name, settings(url)))
        yield started


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
