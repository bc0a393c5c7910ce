"""A change in a backend shows in every gateway's next answer, although answers are kept for half a minute."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from gateway.registration import Registered, RegistrationError, register_webhooks
from tests.conftest import SHOP, Gateway, Store, settings_for
from tests.fronts import Front
from tests.telling import listening, plan_of, shops_that_listen, telling_store, told, until, write


@pytest.fixture(scope="module")
async def store() -> AsyncIterator[Store]:
    """A store that these tests change."""
    async with telling_store() as opened:
        yield opened


def titles(gateway: Gateway, product: str, plan: int) -> Callable[[], Awaitable[Any]]:
    """Asks as a visitor what a plan is called."""

    async def ask() -> Any:
        query = f'{{ product(id: "{product}") {{ plans {{ id title }} }} }}'
        plans = (await gateway.ask(query)).data["product"]["plans"]
        return next(each["title"] for each in plans if each["id"].endswith(f"/{plan}"))

    return ask


async def test_a_change_in_a_backend_shows(store: Store) -> None:
    """Webhook, verified, purge; a gateway that nobody tells goes on with what it kept."""
    product, plan = await plan_of(store, 0)
    async with told(store) as (gateway, wire), listening(store) as deaf:
        ask, ask_deaf = titles(gateway, product, plan), titles(deaf, product, plan)
        before = await ask()
        assert await ask_deaf() == before
        calls = gateway.calls
        await write(store, "subscriptions", "PUT", f"/plans/{plan}", {"title": "Every full moon"})
        await until("Every full moon", ask)
        assert await ask_deaf() == before
        assert wire.outcomes == [("plan/updated", "taken")]
        # The change cost one look-up of the product, and no more.
        assert len(gateway.calls) == len(calls) + 1

        # Sent once more, as the backend does when the answer was lost: nothing is purged, so nothing is asked.
        path, body, headers, _ = wire.told[0]
        async with gateway.client.post(f"{gateway.url}{path}", data=body, headers=headers) as response:
            assert (response.status, await response.json()) == (200, {"outcome": "duplicate"})
        assert await ask() == "Every full moon"
        assert len(gateway.calls) == len(calls) + 1


async def test_all_processes_show_it(store: Store, redis_url: str) -> None:
    """Only one of two that share a Redis was told."""
    product, plan = await plan_of(store, 1)
    shared = {"redis": {"url": redis_url}}
    async with told(store, **shared) as (one, wire), listening(store, **shared) as other:
        asks = [titles(each, product, plan) for each in (one, other)]
        assert [await ask() for ask in asks] != ["Every new moon"] * 2
        await write(store, "subscriptions", "PUT", f"/plans/{plan}", {"title": "Every new moon"})
        for ask in asks:
            await until("Every new moon", ask)
        assert wire.outcomes == [("plan/updated", "taken")]


async def test_every_kind_of_change_is_taken(store: Store, shopper: int) -> None:
    """What the backends send of a shopper's own is understood, whatever object it is about."""
    async with told(store) as (gateway, wire):
        query = "{ customer { subscriptions(first: 20) { nodes { id quantity bundleSelection { id } } } } }"
        rows = (await gateway.ask(query, customer=shopper)).data["customer"]["subscriptions"]["nodes"]
        bundle = next(row for row in rows if row["bundleSelection"])
        subscription, selection = (each.rpartition("/")[2] for each in (bundle["id"], bundle["bundleSelection"]["id"]))
        await write(store, "subscriptions", "PUT", f"/subscriptions/{subscription}?commit=true", {"quantity": 7})
        await write(store, "bundles", "DELETE", f"/bundle_selections/{selection}")
        await write(store, "subscriptions", "PUT", f"/customers/{shopper}", {"phone": "+15550100"})

        async def ask() -> Any:
            nodes = (await gateway.ask(query, customer=shopper)).data["customer"]["subscriptions"]["nodes"]
            row = next(row for row in nodes if row["id"] == bundle["id"])
            return row["quantity"], row["bundleSelection"] == bundle["bundleSelection"]

        await until((7, False), ask)

        async def outcomes() -> set[tuple[str, str]]:
            return set(wire.outcomes)

        await until(
            {
                ("bundle_selection/deleted", "taken"),
                ("charge/updated", "taken"),
                ("customer/updated", "taken"),
                ("subscription/updated", "taken"),
            },
            outcomes,
        )


async def test_registering_again_changes_nothing(store: Store) -> None:
    """What is there stays, and a restart of the gateway may do it each time."""
    async with told(store) as (_, wire):
        settings = settings_for(store.urls, store.tokens, 5.0, shops=shops_that_listen(store.tokens))
        again = await register_webhooks(settings, f"{wire.url}/")
        assert again == [Registered(SHOP, "subscriptions", 0, 38, ()), Registered(SHOP, "bundles", 0, 3, ())]


async def test_registering_waits_where_it_is_told_to_and_goes_on_where_it_is_refused(store: Store) -> None:
    """A topic that a backend does not have keeps nobody from the others; a token that opens nothing is an error."""
    statuses = [429, 429]

    async def answer(request: Request) -> Response | None:
        if statuses:
            return Response("{}", statuses.pop(), {"Retry-After": "0"}, media_type="application/json")
        body = await request.body()
        return Response("{}", 422, media_type="application/json") if b'"order/upcoming"' in body else None

    async with Front("subscriptions", store.urls["subscriptions"], before=answer).open() as front:
        urls = {**store.urls, "subscriptions": front.url}
        settings = settings_for(urls, store.tokens, 5.0, shops=shops_that_listen(store.tokens))
        address = "https://refusing.example"
        assert await register_webhooks(settings, address) == [
            Registered(SHOP, "subscriptions", 37, 0, ("order/upcoming",)),
            Registered(SHOP, "bundles", 3, 0, ()),
        ]
        assert len(front.calls) == 2 + 1 + 38
        assert [each.made for each in await register_webhooks(settings, address)] == [0, 0]

        statuses.append(401)
        with pytest.raises(RegistrationError, match=f"^{SHOP}, subscriptions: status 401$"):
            await register_webhooks(settings, address)
        await front.stop()
        with pytest.raises(RegistrationError, match=f"^{SHOP}, subscriptions: ClientConnectorError$"):
            await register_webhooks(settings, address)
