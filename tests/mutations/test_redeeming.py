"""Points are spent once, or not at all."""

import asyncio
import sqlite3
from contextlib import closing
from typing import Any
from uuid import uuid4

from tests.conftest import Gateway
from tests.fronts import Reset
from tests.mutations.conftest import Written
from tests.mutations.picking import gid

REDEEM = """mutation ($reward: ID!, $points: Int, $key: String!) {
    result: rewardRedeem(rewardId: $reward, points: $points, idempotencyKey: $key) {
        redemption { id name code } member { pointsBalance } userErrors { field message code } } }"""


class Wallet:
    """A member's account, as the loyalty service's database has it."""

    def __init__(self, shop: Written, customer: int, member: int) -> None:
        self.shop = shop
        self.customer = customer
        self.member = member

    @classmethod
    async def of(cls, shop: Written, customer: int, *, points: int) -> "Wallet":
        """The account of a customer, with so many points from now on."""
        email = (await shop.get("subscriptions", f"/customers/{customer}"))["customer"]["email"]
        (member,) = (await shop.get("loyalty", f"/v1/customers?email={email}"))["customers"]
        found = cls(shop, customer, member["id"])
        found.write(points)
        return found

    def write(self, points: int) -> None:
        """Set the balance."""
        sql = "update customers set points_balance = ?, state = 'member' where id = ?"
        with closing(sqlite3.connect(self.shop.paths["loyalty"])) as database, database:
            database.execute(sql, (points, self.member))

    @property
    def points(self) -> int:
        """The balance."""
        ((found,),) = self.shop.select("loyalty", "select points_balance from customers where id = ?", self.member)
        return int(found)

    @property
    def codes(self) -> list[str]:
        """All vouchers."""
        rows = self.shop.select("loyalty", "select code from reward_fulfillments where customer_id = ?", self.member)
        return [code for (code,) in rows]


async def rewards(shop: Written) -> tuple[dict[str, Any], dict[str, Any]]:
    """A reward with a price, and one of which the shopper chooses the size."""
    found = (await shop.get("loyalty", "/v1/points_products"))["points_products"]
    fixed = next(each for each in found if each["exchange_type"] == "fixed")
    return fixed, next(each for each in found if each["exchange_type"] == "variable")


async def redeem(gateway: Gateway, wallet: Wallet, reward: Any, *, points: int | None = None, key: str = "") -> Any:
    """The answer for the member."""
    variables = {"reward": gid("Reward", reward, "smile"), "points": points, "key": key or str(uuid4())}
    return await gateway.ask(REDEEM, variables, customer=wallet.customer)


def refused(answer: Any) -> list[tuple[Any, str]]:
    """Field and code of each user error."""
    payload = answer.data["result"]
    assert payload["redemption"] is None
    return [(error["field"], error["code"]) for error in payload["userErrors"]]


async def test_a_reward_costs_its_points(gateway: Gateway, shop: Written, shopper: int) -> None:
    """The voucher and the balance are those of the database."""
    fixed, variable = await rewards(shop)
    wallet = await Wallet.of(shop, shopper, points=5_000)
    before = wallet.codes
    payload = (await redeem(gateway, wallet, fixed["id"])).data["result"]
    assert payload["userErrors"] == []
    assert payload["member"]["pointsBalance"] == wallet.points == 5_000 - fixed["points_price"]
    assert [code for code in wallet.codes if code not in before] == [payload["redemption"]["code"]]
    spent = variable["variable_points_min"]
    payload = (await redeem(gateway, wallet, variable["id"], points=spent)).data["result"]
    assert payload["member"]["pointsBalance"] == wallet.points == 5_000 - fixed["points_price"] - spent


async def test_what_cannot_be_redeemed(gateway: Gateway, shop: Written, shopper: int) -> None:
    """Each with its code; no point is spent, and of the database nothing changes."""
    fixed, variable = await rewards(shop)
    wallet = await Wallet.of(shop, shopper, points=fixed["points_price"] - 1)
    before = wallet.codes
    assert refused(await redeem(gateway, wallet, fixed["id"])) == [(None, "INSUFFICIENT_POINTS")]
    assert refused(await redeem(gateway, wallet, 1)) == [(["rewardId"], "NOT_FOUND")]
    assert refused(await redeem(gateway, wallet, fixed["id"], points=1)) == [(["points"], "INVALID")]
    step = variable["variable_points_step"]
    for points in (None, 0, -step, step + 1, 2_000_000_000):
        assert refused(await redeem(gateway, wallet, variable["id"], points=points)) == [(["points"], "INVALID")]
    assert (wallet.points, wallet.codes) == (fixed["points_price"] - 1, before)
    no_key = await gateway.ask(REDEEM.replace("$key: String!", "$key: String"), {"reward": "1"}, customer=shopper)
    assert no_key.body["errors"]
    empty = await redeem(gateway, wallet, fixed["id"], key=" \n")
    assert [error["extensions"]["code"] for error in empty.errors] == ["BAD_USER_INPUT"]
    visitor = await gateway.ask(REDEEM, {"reward": str(fixed["id"]), "key": "k"})
    assert [error["extensions"]["code"] for error in visitor.errors] == ["UNAUTHENTICATED"]


async def test_who_is_no_member_spends_nothing(gateway: Gateway, shop: Written) -> None:
    """A candidate, and one whom the programme does not know."""
    fixed, _ = await rewards(shop)
    found = {row["email"]: row for row in await shop.rows("loyalty", "/v1/customers")}
    customers = await shop.rows("subscriptions", "/customers")
    unknown = next(row for row in customers if row["email"] not in found)
    candidate = next(row for row in customers if found.get(row["email"], {}).get("state") == "candidate")
    for row in (unknown, candidate):
        assert refused(await redeem(gateway, Wallet(shop, row["id"], 0), fixed["id"])) == [(None, "NOT_A_MEMBER")]
    assert gateway.fronts["loyalty"].writes == []


async def test_the_last_points_are_spent_once(gateway: Gateway, shop: Written, shopper: int) -> None:
    """Of ten at once, each with a key of its own, one wins."""
    fixed, _ = await rewards(shop)
    wallet = await Wallet.of(shop, shopper, points=fixed["points_price"])
    before = len(wallet.codes)
    answers = await asyncio.gather(*(redeem(gateway, wallet, fixed["id"]) for _ in range(10)))
    won = [answer for answer in answers if answer.data["result"]["redemption"]]
    lost = [refused(answer) for answer in answers if not answer.data["result"]["redemption"]]
    assert (len(won), lost) == (1, [[(None, "INSUFFICIENT_POINTS")]] * 9)
    assert (wallet.points, len(wallet.codes)) == (0, before + 1)


async def test_a_key_is_one_redemption(gateway: Gateway, shop: Written, shopper: int) -> None:
    """Ten at once and ten afterwards: the same voucher each time. Another input under it is refused."""
    fixed, variable = await rewards(shop)
    wallet = await Wallet.of(shop, shopper, points=5_000)
    before = len(wallet.codes)
    key = str(uuid4())
    answers = await asyncio.gather(*(redeem(gateway, wallet, fixed["id"], key=key) for _ in range(10)))
    answers += [await redeem(gateway, wallet, fixed["id"], key=key) for _ in range(10)]
    assert len({answer.data["result"]["redemption"]["code"] for answer in answers}) == 1
    assert (wallet.points, len(wallet.codes)) == (5_000 - fixed["points_price"], before + 1)
    other = await redeem(gateway, wallet, variable["id"], points=variable["variable_points_min"], key=key)
    assert [error["extensions"] for error in other.errors] == [{"code": "IDEMPOTENCY_MISMATCH"}]
    assert len(gateway.fronts["loyalty"].writes) == 1


async def test_a_lost_answer_is_found(gateway: Gateway, shop: Written, shopper: int) -> None:
    """The backend has done it and the connection breaks: the voucher is looked for, not bought again."""
    fixed, _ = await rewards(shop)
    wallet = await Wallet.of(shop, shopper, points=5_000)
    before = wallet.codes

    async def reset(request: Any, _true: bytes) -> Any:
        return Reset() if request.method == "POST" else None

    gateway.fronts["loyalty"].fault = reset
    key = str(uuid4())
    for _ in range(3):
        payload = (await redeem(gateway, wallet, fixed["id"], key=key)).data["result"]
        assert [code for code in wallet.codes if code not in before] == [payload["redemption"]["code"]]
    assert wallet.points == 5_000 - fixed["points_price"]
    assert len(gateway.fronts["loyalty"].writes) == 1
