"""Whatever many shoppers do while backends fail: what is acknowledged is done once, what is refused not at all."""

import asyncio
import os
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from tests.conftest import Gateway, gateway_before
from tests.fronts import Front, Reset
from tests.mutations.conftest import Written, written
from tests.mutations.picking import subscriptions
from tests.mutations.test_redeeming import Wallet, rewards

SHOPPERS = int(os.environ.get("TEST_MUTATION_SHOPPERS", "8"))
STEPS = int(os.environ.get("TEST_MUTATION_STEPS", "6"))
TODAY = date.today()  # noqa: DTZ011  # as the shop's calendar has it
UNKNOWN = {"OUTCOME_UNKNOWN", "BACKEND_UNAVAILABLE", "BACKEND_TIMEOUT"}

RESCHEDULE = """mutation ($id: ID!, $date: Date!, $key: String!) {
    result: subscriptionReschedule(subscriptionId: $id, date: $date, idempotencyKey: $key) {
        subscription { nextChargeDate quantity } userErrors { code } } }"""
QUANTITY = """mutation ($id: ID!, $quantity: Int!, $key: String!) {
    result: subscriptionUpdate(subscriptionId: $id, input: {quantity: $quantity}, idempotencyKey: $key) {
        subscription { quantity } userErrors { code } } }"""
ADD = """mutation ($address: ID!, $variant: ID!, $quantity: Int!, $key: String!) {
    result: onetimeAdd(input: {addressId: $address, productVariantId: $variant, quantity: $quantity},
        idempotencyKey: $key) { onetime { id } userErrors { code } } }"""
REDEEM = """mutation ($reward: ID!, $key: String!) {
    result: rewardRedeem(rewardId: $reward, idempotencyKey: $key) { redemption { code } userErrors { code } } }"""


@dataclass
class Tally:
    """What became of everything that was fired."""

    sent: int = 0
    acknowledged: int = 0
    refused: int = 0
    unknown: int = 0
    replayed: int = 0
    quantities: dict[int, int] = field(default_factory=dict)
    """The quantity that a subscription was last acknowledged to have."""
    dates: dict[int, str] = field(default_factory=dict)
    onetimes: list[int] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)


def misbehave(front: Front, chance: random.Random) -> None:
    """Of the writes a third is hurt: late, lost before or after, broken before or after, met by another."""

    async def before(request: Request) -> Response | None:
        if request.method == "GET":
            return None
        request.state.luck = chance.random()
        await asyncio.sleep(chance.uniform(0, 0.02))
        if request.state.luck < 0.06:
            return Reset()
        if request.state.luck < 0.10:
            return Response('{"errors": "Broken"}', 503, media_type="application/json")
        if request.state.luck < 0.18 and front.service != "loyalty":
            return Response('{"errors": "Busy"}', 409, media_type="application/json")
        return None

    async def after(request: Request, _true: bytes) -> Response | None:
        if request.method == "GET" or request.state.luck < 0.18:
            return None
        if request.state.luck < 0.26:
            return Reset()
        if request.state.luck < 0.32:
            return Response('{"errors": "Broken"}', 502, media_type="application/json")
        return None

    front.before, front.fault = before, after


async def known(gateway: Gateway, tally: Tally, customer: int, query: str, variables: dict[str, Any]) -> Any:
    """The payload, asked for with one key until it is there; every third time asked for twice at once."""
    variables = {**variables, "key": str(uuid4())}
    tally.sent += 1
    async with asyncio.timeout(90):
        while True:
            times = 2 if random.random() < 0.3 else 1  # noqa: S311  # presses
            answers = await asyncio.gather(*(gateway.ask(query, variables, customer=customer) for _ in range(times)))
            told = [answer.body for answer in answers if "errors" not in answer.body]
            for answer in answers:
                for error in answer.body.get("errors", ()):
                    assert error["extensions"]["code"] in UNKNOWN, error
                    tally.unknown += 1
            if told:
                assert all(body == told[0] for body in told)
                again = (await gateway.ask(query, variables, customer=customer)).body
                assert again == told[0]
                tally.replayed += 1
                return told[0]["data"]["result"]
            await asyncio.sleep(0.1)


async def shopping(
    gateway: Gateway, tally: Tally, row: dict[str, Any], wallet: Wallet | None, reward: int, chance: random.Random
) -> None:
    """One shopper's steps, one after the other, on one subscription; some of them cannot be."""
    customer, number = row["customer_id"], row["id"]
    for _ in range(STEPS):
        kind = chance.choice(["date", "quantity", "wrong", "onetime", *(["redeem"] if wallet else [])])
        if kind == "date":
            day = (TODAY + timedelta(days=chance.randint(3, 60))).isoformat()
            payload = await known(gateway, tally, customer, RESCHEDULE, {"id": str(number), "date": day})
            if not payload["userErrors"]:
                tally.dates[number] = day
        elif kind in {"quantity", "wrong"}:
            quantity = chance.randint(1, 9) if kind == "quantity" else chance.choice([0, 2_000_000])
            payload = await known(gateway, tally, customer, QUANTITY, {"id": str(number), "quantity": quantity})
            if not payload["userErrors"]:
                tally.quantities[number] = quantity
        elif kind == "onetime":
            variant = row["external_variant_id"]["ecommerce"]
            given = {"address": str(row["address_id"]), "variant": variant, "quantity": chance.randint(1, 3)}
            payload = await known(gateway, tally, customer, ADD, given)
            if not payload["userErrors"]:
                tally.onetimes.append(int(payload["onetime"]["id"].rpartition("/")[2]))
        else:
            payload = await known(gateway, tally, customer, REDEEM, {"reward": str(reward)})
            if not payload["userErrors"]:
                tally.codes.append(payload["redemption"]["code"])
        codes = [error["code"] for error in payload["userErrors"]]
        tally.refused += bool(codes)
        tally.acknowledged += not codes
        assert (kind == "wrong") is (codes == ["INVALID"]) or codes in (["CONFLICT"], ["INSUFFICIENT_POINTS"])


async def test_what_is_acknowledged_is_in_the_database_once(tmp_path: Path, shopper: int, redis_url: str) -> None:
    """Set TEST_MUTATION_SHOPPERS and TEST_MUTATION_STEPS for more."""
    chance = random.Random(5)  # noqa: S311  # a test's own
    async with (
        written(tmp_path, customers=max(60, SHOPPERS * 3)) as shop,
        gateway_before(
            shop.store,
            redis={"url": redis_url},
            operations={"deadline_seconds": 5.0},
            idempotency={"lease_seconds": 6.0, "settle_seconds": 2.0},
        ) as gateway,
    ):
        rows = list(await subscriptions(shop, is_skippable=True, is_swappable=True))
        by_customer = {row["customer_id"]: row for row in rows}
        mine = by_customer.pop(shopper, None) or next(
            row
            for row in await shop.rows("subscriptions", f"/subscriptions?customer_id={shopper}&status=active")
            if row["is_swappable"]
        )
        shoppers = [mine, *list(by_customer.values())[: SHOPPERS - 1]]
        before = {row["id"]: await shop.subscription(row["id"]) for row in shoppers}
        fixed, _ = await rewards(shop)
        wallet = await Wallet.of(shop, shopper, points=3 * fixed["points_price"] + 1)
        vouchers = set(wallet.codes)
        ((first_onetime,),) = shop.select("subscriptions", "select coalesce(max(id), 0) from onetimes")
        for front in gateway.fronts.values():
            misbehave(front, chance)
        tally = Tally()
        await asyncio.gather(
            *(
                shopping(gateway, tally, row, wallet if row is mine else None, fixed["id"], random.Random(place))  # noqa: S311  # as above
                for place, row in enumerate(shoppers)
            )
        )
        await holds(shop, tally, before, wallet, vouchers, first_onetime, fixed["points_price"])
        print(  # noqa: T201  # figures for whoever runs a large one
            f"\nfired {tally.sent}, acknowledged {tally.acknowledged}, refused {tally.refused}, "
            f"replayed {tally.replayed}, answers that were unknown at first {tally.unknown}, duplicates 0"
        )


async def holds(
    shop: Written,
    tally: Tally,
    before: dict[int, dict[str, Any]],
    wallet: Wallet,
    vouchers: set[str],
    first_onetime: int,
    price: int,
) -> None:
    """What the databases hold is what was acknowledged, once."""
    for number, row in before.items():
        now = await shop.subscription(number)
        assert now["quantity"] == tally.quantities.get(number, row["quantity"])
        assert now["next_charge_scheduled_at"] == tally.dates.get(number, row["next_charge_scheduled_at"])
    made = [each for (each,) in shop.select("subscriptions", "select id from onetimes where id > ?", first_onetime)]
    assert Counter(made) == Counter(tally.onetimes)
    assert Counter(code for code in wallet.codes if code not in vouchers) == Counter(tally.codes)
    assert wallet.points == 3 * price + 1 - len(tally.codes) * price
