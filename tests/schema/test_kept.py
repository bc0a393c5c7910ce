"""What is given to many is one object for one value."""

from decimal import Decimal
from typing import Any

import msgspec

from gateway.execution import sharing
from gateway.viewer import Market
from resolvers.catalogue import models
from resolvers.catalogue.plans import Rhythm
from resolvers.loyalty import models as loyalty
from schema import build_schema
from schema.catalogue import Product, _plan_of
from schema.common import image, interval
from schema.kept import Kept
from schema.loyalty_program import EarningRule, Reward
from schema.money import MoneyV2
from schema.plans import DiscountValue

ROW = {
    "external_product_id": "1",
    "title": "Tea",
    "variants": [
        {"external_variant_id": "11", "title": "Green", "prices": [{"currency": "USD", "unit_price": "5.00"}]}
    ],
    "plans": [
        {"id": 1, "title": "Monthly", "type": "subscription", "discount_type": "percentage", "discount_amount": "10.00"}
    ],
}

RULE = {"id": 1, "name": "Place an order", "earning_limit": {"type": "lifetime", "max": 1}}
REWARD = {
    "id": 2,
    "exchange_type": "fixed",
    "exchange_description": "500 points = $5",
    "reward": {"id": 3, "name": "$5 off"},
    "points_price": 500,
}


def test_equal_decimals_are_not_shown_alike() -> None:
    """1.0 and 1.00 are equal; each keeps its digits, and the same one is the same object."""
    short, long = Decimal("1.0"), Decimal("1.00")
    assert [str(MoneyV2.of(each, "USD").amount) for each in (short, long)] == ["1.0", "1.00"]
    assert MoneyV2.of(short, "USD") is MoneyV2.of(short, "USD")
    assert MoneyV2.of(short, "USD").currency_code is not MoneyV2.of(short, "EUR").currency_code
    assert DiscountValue.of("percentage", long) is DiscountValue.of("percentage", long)
    assert str(DiscountValue.of("percentage", short).value) == "1.0"


def test_one_object_for_one_row() -> None:
    """A product in each market, with its variants and plans."""
    row, same = (msgspec.convert(ROW, models.Product, dec_hook=lambda kind, value: kind.from_json(value)) for _ in "ab")
    market = Market()
    product = Product.of(row, market)
    assert product is Product.of(row, Market())
    assert product is not Product.of(same, market)
    assert product is not Product.of(row, Market(country="FR"))
    by_id = Rhythm(plan_id=1, unit=None, order_frequency=None, charge_frequency=None)
    assert _plan_of(row, by_id, market) is product.own_plans[0]
    assert image("https://example.com/a.png", "a") is image("https://example.com/a.png", "a")
    assert interval("week", 2) is interval("week", 2)


def test_one_object_for_one_part_of_a_programme() -> None:
    """A rule in each currency, and a reward; equal rows of two shops are two."""
    rule, same_rule = (msgspec.convert(RULE, loyalty.EarningRule) for _ in "ab")
    assert EarningRule.of(rule, "USD") is EarningRule.of(rule, "USD")
    assert EarningRule.of(rule, "USD") is not EarningRule.of(rule, "EUR")
    assert EarningRule.of(rule, "USD") is not EarningRule.of(same_rule, "USD")
    reward, same_reward = (msgspec.convert(REWARD, loyalty.PointsProduct) for _ in "ab")
    assert Reward.of(reward) is Reward.of(reward)
    assert Reward.of(reward) is not Reward.of(same_reward)


def test_the_oldest_go() -> None:
    """A bound is a bound."""
    kept: Kept[int, str] = Kept(most=2)
    for number in range(3):
        assert kept.keep(number, str(number)) == str(number)
    assert list(kept) == [1, 2]


def test_which_types_are_given_to_many() -> None:
    """Whoever marks another one thinks of where its objects come from."""
    types = build_schema().schema_converter.type_map.values()
    classes: list[Any] = [getattr(each.definition, "origin", None) for each in types]
    marked = {each.__name__ for each in classes if getattr(each, sharing.SHARED, False)}
    programme = {"EarningLimit", "EarningRule", "Reward"}
    assert marked == programme | {"DiscountValue", "Image", "Interval", "MoneyV2", "Plan", "Product", "ProductVariant"}
