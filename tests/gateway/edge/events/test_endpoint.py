"""Webhooks over HTTP: who may tell the gateway of a change, and what it takes from that."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from tests.conftest import OTHER_SHOP, SHOP, Gateway, Store, gateway_before, shops_for
from tests.redis_server import running_redis
from tests.signing import RECHARGE_SECRET, SHOPIFY_SECRET, encoded, recharge, shopify

SUBSCRIPTION = {"subscription": {"id": 1, "customer_id": 7, "updated_at": "2026-03-09T10:00:00+00:00"}}
INVALID = (401, {"errors": [{"message": "The signature is not valid.", "extensions": {"code": "UNAUTHENTICATED"}}]})


def shops_with_secrets(store: Store) -> dict[str, Any]:
    """The seeded shops; the first knows senders' secrets, the second an older one beside."""
    shops = shops_for(store.tokens)
    shops[SHOP]["backends"]["subscriptions"]["webhook_secrets"] = [RECHARGE_SECRET]
    shops[SHOP]["backends"]["bundles"]["webhook_secrets"] = ["of-bundles"]
    shops[SHOP]["shopify_webhook_secrets"] = [SHOPIFY_SECRET]
    shops[SHOP]["domains"] = ["www.aurora-coffee.example"]
    shops[OTHER_SHOP]["backends"]["subscriptions"]["webhook_secrets"] = ["new-secret", "old-secret"]
    return shops


@pytest.fixture
async def told(store: Store) -> AsyncIterator[Gateway]:
    """A gateway that knows secrets."""
    async with gateway_before(store, shops=shops_with_secrets(store), webhooks={"body_bytes": 5_000}) as gateway:
        yield gateway


async def send(gateway: Gateway, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
    """Status and body of an answer."""
    async with gateway.client.post(f"{gateway.url}/webhooks/{path}", data=body, headers=headers) as response:
        return response.status, await response.json()


async def recharge_sends(
    gateway: Gateway, topic: str, value: Any, *, shop: str = SHOP, secret: str = RECHARGE_SECRET
) -> tuple[int, Any]:
    """What Recharge gets for an event."""
    body = encoded(value)
    return await send(gateway, f"recharge/{shop}/{topic}", body, recharge(body, secret=secret))


def outcome(name: str) -> tuple[int, Any]:
    """What a genuine event gets."""
    return 200, {"outcome": name}


def at(second: int, **more: Any) -> dict[str, Any]:
    """The subscription as it was then."""
    return {"subscription": {**SUBSCRIPTION["subscription"], "updated_at": f"2026-03-09T10:00:{second:02}", **more}}


async def test_taken_once_and_in_order(told: Gateway) -> None:
    """Sent again it is a duplicate, older it is stale; of the same second it is taken."""
    assert await recharge_sends(told, "subscription/updated", at(5)) == outcome("taken")
    assert await recharge_sends(told, "subscription/updated", at(5)) == outcome("duplicate")
    assert await recharge_sends(told, "subscription/updated", at(4)) == outcome("stale")
    assert await recharge_sends(told, "subscription/updated", at(5, quantity=2)) == outcome("taken")
    assert await recharge_sends(told, "subscription/updated", at(6)) == outcome("taken")
    assert await recharge_sends(told, "subscription/updated", at(3, id=2)) == outcome("taken")
    assert await recharge_sends(told, "subscription/deleted", {"subscription": {"id": 1}}) == outcome("taken")
    # The same words from a further name of the shop are the same event.
    assert await recharge_sends(told, "subscription/updated", at(6), shop="www.aurora-coffee.example") == outcome(
        "duplicate"
    )


async def test_shops_and_backends_have_secrets_of_their_own(told: Gateway) -> None:
    """One shop's cannot speak for another, nor one backend's for another; an older one holds while it is listed."""
    selection = {"bundle_selection": {"id": 3, "purchase_item_id": 1, "updated_at": "2026-03-09T10:00:00+00:00"}}
    assert await recharge_sends(told, "bundle_selection/updated", selection) == INVALID
    assert await recharge_sends(told, "bundle_selection/updated", selection, secret="of-bundles") == outcome("taken")
    assert await recharge_sends(told, "subscription/updated", SUBSCRIPTION, secret="of-bundles") == INVALID
    assert await recharge_sends(told, "subscription/updated", SUBSCRIPTION, shop=OTHER_SHOP) == INVALID
    for secret, name in (("old-secret", "taken"), ("new-secret", "duplicate")):
        answer = await recharge_sends(told, "subscription/updated", SUBSCRIPTION, shop=OTHER_SHOP, secret=secret)
        assert answer == outcome(name)


async def test_forgers_learn_nothing(told: Gateway) -> None:
    """Not which shops there are, nor which topics, nor whether the body was right: nothing is read before."""
    body = encoded(SUBSCRIPTION)
    forged = recharge(body, secret="guessed")
    for path in (
        f"recharge/{SHOP}/subscription/updated",
        f"recharge/{OTHER_SHOP}/bundle_selection/updated",
        "recharge/nobody.example/subscription/updated",
        f"recharge/{SHOP}/no/topic",
    ):
        assert await send(told, path, body, forged) == INVALID
        assert await send(told, path, b"{", recharge(b"{", secret="guessed")) == INVALID
        assert await send(told, path, body, {}) == INVALID
    headers = shopify(body, shop="nobody.example", topic="products/update")
    assert await send(told, "shopify", body, headers) == INVALID
    assert await send(told, "shopify", body, {}) == INVALID


async def test_genuine_and_of_no_use(told: Gateway) -> None:
    """Whoever has the secret is told what is wrong."""
    unknown = await recharge_sends(told, "async_batch/processed", {"async_batch": {"id": 1}})
    assert (unknown[0], unknown[1]["errors"][0]["message"]) == (
        404,
        "This topic changes nothing here: docs/webhooks.md lists those that do.",
    )
    wrongs: list[Any] = [{}, {"subscription": {"id": "x"}}, {"charge": {"id": 1}}, [], {"subscription": None}]
    for wrong in wrongs:
        status, answer = await recharge_sends(told, "subscription/updated", wrong)
        assert (status, answer["errors"][0]["message"]) == (400, "The body is no event of this topic.")
    large = await recharge_sends(told, "subscription/updated", {"subscription": {"id": 1, "note": "x" * 5_000}})
    assert large[0] == 413
    async with told.client.get(f"{told.url}/webhooks/shopify") as response:
        assert response.status == 405


async def test_shopify_names_shop_and_topic_in_headers(told: Gateway) -> None:
    """And its ids are not signed: another id makes no other event of the same bytes."""
    body = encoded({"id": 7301, "updated_at": "2026-03-09T10:00:00-05:00"})
    headers = shopify(body, shop=SHOP, topic="products/update")
    assert await send(told, "shopify", body, headers) == outcome("taken")
    assert await send(told, "shopify", body, headers | {"X-Shopify-Webhook-Id": "another"}) == outcome("duplicate")
    deleted = encoded({"id": 7301})
    assert await send(told, "shopify", deleted, shopify(deleted, shop=SHOP, topic="products/delete")) == outcome(
        "taken"
    )
    unknown = await send(told, "shopify", body, shopify(body, shop=SHOP, topic="themes/update"))
    assert unknown[0] == 404
    assert await send(told, "shopify", body, shopify(body, shop=OTHER_SHOP, topic="products/update")) == INVALID


async def test_without_the_store_the_sender_is_asked_to_try_again(store: Store) -> None:
    """What cannot be told to all is not taken, by any process; once Redis is back it is, once."""
    async with running_redis() as redis:
        settings: dict[str, Any] = {"shops": shops_with_secrets(store), "redis": {"url": redis.url}}
        async with gateway_before(store, **settings) as one, gateway_before(store, **settings) as other:
            assert await recharge_sends(one, "subscription/updated", at(5)) == outcome("taken")
            assert await recharge_sends(other, "subscription/updated", at(5)) == outcome("duplicate")
            assert await recharge_sends(other, "subscription/updated", at(4)) == outcome("stale")
            await redis.kill()
            body = encoded(at(6))
            async with one.client.post(
                f"{one.url}/webhooks/recharge/{SHOP}/subscription/updated", data=body, headers=recharge(body)
            ) as response:
                assert (response.status, response.headers["Retry-After"]) == (503, "1")
                assert (await response.json())["errors"][0]["extensions"]["code"] == "BACKEND_UNAVAILABLE"
            await redis.start()
            assert await recharge_sends(one, "subscription/updated", at(6)) == outcome("taken")
            assert await recharge_sends(other, "subscription/updated", at(6)) == outcome("duplicate")
