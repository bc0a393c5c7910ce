"""A service as a process: settings, start, health, crash, stop."""

# ruff: noqa: D103 - a test's name is its promise

import asyncio
import sqlite3
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from aiohttp import ClientSession
from pydantic import SecretStr, ValidationError

from backends import BACKENDS, SHOPS, BackendSettings, create_backend
from tests.backends.services import (
    AURORA,
    NORDLYS,
    TODAY,
    TOKENS,
    Backends,
    asking,
    memory_database,
    mysql_database,
    running,
    settings,
)

DATABASES = pytest.mark.parametrize("database", [memory_database, mysql_database], ids=["sqlite", "mysql"])


async def test_health_needs_no_token(backends: Backends) -> None:
    for name in BACKENDS:
        answer = await backends[name]("/health", x_recharge_access_token="", authorization="")
        assert (answer.status, answer.body) == (200, {"status": "ok", "service": name})


async def test_without_its_tables_a_service_is_unwell_and_its_crash_is_json(tmp_path: Path) -> None:
    path = tmp_path / "subscriptions.db"
    async with asking("subscriptions", settings(f"sqlite+aiosqlite:///{path}", customers=5)) as ask:
        assert (await ask("/charges")).status == 200
        with sqlite3.connect(path) as database:
            database.execute("DROP TABLE charge_items")
            database.execute("DROP TABLE charges")
            database.execute("DROP TABLE seeding")
        database.close()
        crashed = await ask("/charges", x_request_id="r-500")
        assert (crashed.status, crashed.body) == (500, {"errors": "Internal Server Error"})
        assert crashed.headers["x-request-id"] == "r-500"
        assert crashed.headers["content-type"] == "application/json"
        health = await ask("/health")
        assert (health.status, health.body) == (503, {"status": "unavailable", "service": "subscriptions"})
        assert (await ask("/customers")).status == 200


async def test_a_crash_of_loyalty_names_the_request(tmp_path: Path) -> None:
    path = tmp_path / "loyalty.db"
    async with asking("loyalty", settings(f"sqlite+aiosqlite:///{path}", customers=5)) as ask:
        with sqlite3.connect(path) as database:
            database.execute("DROP TABLE customers")
        database.close()
        answer = await ask("/v1/customers", x_request_id="r-1")
        assert answer.status == 500
        assert answer.body == {"error": {"message": "Internal Server Error", "request_id": "r-1"}}


async def test_a_filled_database_is_left_as_it_is(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'bundles.db'}"
    async with asking("bundles", settings(url, customers=10)) as ask:
        before = await ask.rows("/bundle_selections")
    async with asking("bundles", settings(url, customers=30)) as ask:
        assert await ask.rows("/bundle_selections") == before


@pytest.mark.parametrize("kind", ["sqlite", "mysql"])
async def test_services_that_start_at_once_fill_a_database_once(tmp_path: Path, kind: str) -> None:
    async def started(url: str) -> int:
        async with running(create_backend("loyalty", settings(url, customers=20))) as port, ClientSession() as client:
            headers = {"Authorization": f"Bearer {TOKENS[AURORA.domain].get_secret_value()}"}
            async with client.get(f"http://127.0.0.1:{port}/v1/customers?limit=250", headers=headers) as answer:
                return len((await answer.json())["customers"])

    if kind == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path / 'loyalty.db'}"
        counts = await asyncio.gather(*(started(url) for _ in range(3)))
    else:
        async with mysql_database() as url:
            counts = await asyncio.gather(*(started(url) for _ in range(3)))
    assert len(set(counts)) == 1
    assert counts[0] > 5


@DATABASES
async def test_both_kinds_of_database_answer_the_same_bytes(
    backends: Backends, database: type[AbstractAsyncContextManager[str]]
) -> None:
    async with database() as url, asking("subscriptions", settings(url)) as ask:
        for path in ("/customers", "/addresses", "/subscriptions", "/charges", "/plans", "/shop/settings"):
            for shop in SHOPS:
                expected = await backends["subscriptions"](path, shop=shop.domain)
                assert (await ask(path, shop=shop.domain)).text == expected.text


def test_there_are_three_services_and_no_other() -> None:
    assert BACKENDS == ("subscriptions", "bundles", "loyalty")
    with pytest.raises(KeyError):
        create_backend("reviews", settings())


def test_without_tokens_each_shop_gets_its_own_random_one() -> None:
    first, second = BackendSettings(), BackendSettings()
    values = [token.get_secret_value() for given in (first, second) for token in given.tokens.values()]
    assert list(first.tokens) == [shop.domain for shop in SHOPS]
    assert len(set(values)) == 4
    assert all(len(value) >= 32 for value in values)
    assert create_backend("loyalty", first).state.tokens == first.tokens


def test_tokens_do_not_show_in_the_settings() -> None:
    assert "sk_aurora" not in repr(settings())


@pytest.mark.parametrize(
    "tokens",
    [
        {"nobody.example.com": SecretStr("a")},
        {AURORA.domain: SecretStr("")},
        {AURORA.domain: SecretStr("a"), NORDLYS.domain: SecretStr("a")},
    ],
)
def test_tokens_that_do_not_tell_shops_apart_are_refused(tokens: dict[str, SecretStr]) -> None:
    with pytest.raises(ValidationError):
        BackendSettings(tokens=tokens)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKEND_DATABASE_URL", "sqlite+aiosqlite:///a.db")
    monkeypatch.setenv("BACKEND_TOKENS", f'{{"{NORDLYS.domain}": "sk_env"}}')
    monkeypatch.setenv("BACKEND_CUSTOMERS", "7")
    monkeypatch.setenv("BACKEND_TODAY", "2026-11-24")
    given = BackendSettings()
    assert (given.database_url, given.customers, given.today) == ("sqlite+aiosqlite:///a.db", 7, TODAY)
    assert given.tokens == {NORDLYS.domain: SecretStr("sk_env")}
    assert given.world.seed == 2026


@pytest.mark.parametrize("url", ["postgresql+asyncpg://localhost/x", "sqlite:///a.db"])
def test_a_database_that_no_service_can_use_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match=r"^not one of sqlite\+aiosqlite, mysql\+aiomysql: "):
        create_backend("loyalty", settings(url))


async def test_a_shop_without_a_token_cannot_be_asked() -> None:
    given = BackendSettings(tokens={AURORA.domain: TOKENS[AURORA.domain]}, customers=5, today=TODAY)
    async with asking("loyalty", given) as ask:
        assert (await ask("/v1/customers")).status == 200
        assert (await ask("/v1/customers", shop=NORDLYS.domain)).status == 401
