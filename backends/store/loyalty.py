"""Loyalty programmes of the shops, with their members."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from backends.store.chance import Row, World
from backends.store.people import Person
from backends.store.shops import SHOPS, Shop

LABELS = {"aurora-coffee.myshopify.com": ("Bean", "Beans"), "nordlys-skin.myshopify.com": ("Glow point", "Glow points")}
# Name, milestone, perks and what is given on entry.
TIERS: tuple[tuple[str, int, tuple[str, ...], tuple[str, ...]], ...] = (
    ("Bronze", 0, ("Birthday points",), ()),
    ("Silver", 500, ("Birthday points", "Early access to new products"), ("5 off your next order",)),
    (
        "Gold",
        1500,
        ("Double points weekends", "Early access to new products", "Free shipping"),
        ("10 off your next order",),
    ),
)
STATES = {"member": 70, "candidate": 12, "disabled": 5, "absent": 13}
"""Of a hundred customers; those who are absent are unknown to the loyalty service."""
VOUCHER_POINTS = 300
EARNED = ("Placed an order", "Left a review", "Birthday points", "Followed on Instagram", "Referred a friend")


@dataclass(frozen=True, slots=True)
class Membership:
    """One customer of the loyalty service with what hangs from it."""

    customer: Row
    points_transactions: list[Row]
    reward_fulfillments: list[Row]


def tier_ids(shop: Shop) -> list[int]:
    """Ids of a shop's tiers, lowest first."""
    return [426_715_790 + SHOPS.index(shop) * 100 + n for n in range(len(TIERS))]


def programme(world: World, shop: Shop) -> dict[str, list[Row]]:
    """The rows that all of a shop's customers share, by table."""
    place = SHOPS.index(shop)
    dates = {"created_at": world.instant(800), "updated_at": world.instant(90)}
    one, other = LABELS[shop.domain]
    ids = tier_ids(shop)
    every = {"shop_id": shop.id, **dates}
    return {
        "points_settings": [{"id": shop.id, "shop_id": shop.id, "points_label": {"one": one, "other": other}}],
        "vip_tiers": [
            {
                "id": ids[n],
                "shop_id": shop.id,
                "name": name,
                "image_url": f"https://cdn.example.com/loyalty/{name.lower()}.svg",
                "milestone": milestone,
                "perks": [{"name": perk} for perk in perks],
                "entry_rewards": [_reward(924_565_000 + place * 100 + n, title) for title in gifts],
            }
            for n, (name, milestone, perks, gifts) in enumerate(TIERS)
        ],
        "earning_rules": _rules(shop, 739_246_700 + place * 100, ids),
        "points_products": [
            {"id": 132_456_900 + place * 100 + n, **every, **product}
            for n, product in enumerate(_products(other, 924_565_500 + place * 100))
        ],
    }


def _rules(shop: Shop, first: int, tiers: list[int]) -> list[Row]:
    rules: list[tuple[str, str | None, str | None, dict[str, Any], dict[str, Any] | None, list[int]]] = [
        ("Place an order", None, None, {"type": "variable", "variable": {"value": 5.0, "per_amount": 1.0}}, None, []),
        (
            "Gold weekend",
            None,
            None,
            {"type": "variable", "variable": {"value": 10.0, "per_amount": 1.0}},
            None,
            tiers[2:],
        ),
        (
            "Create an account",
            "Sign up",
            f"{shop.site}/account/register",
            {"type": "fixed", "fixed": {"value": 100}},
            {"max": 1, "type": "lifetime"},
            [],
        ),
        (
            "Leave a review",
            "Review",
            f"{shop.site}/pages/reviews",
            {"type": "fixed", "fixed": {"value": 50}},
            {"max": 3, "type": "rolling", "rolling": {"unit": "day", "unit_count": 30}},
            [],
        ),
        (
            "Celebrate a birthday",
            "Add birthday",
            f"{shop.site}/account",
            {"type": "fixed", "fixed": {"value": 200}},
            {"max": 1, "type": "rolling", "rolling": {"unit": "day", "unit_count": 365}},
            [],
        ),
    ]
    return [
        {
            "id": first + n,
            "shop_id": shop.id,
            "name": name,
            "image_url": f"https://cdn.example.com/loyalty/rule-{n}.svg",
            "action_text": words,
            "action_url": url,
            "restricted_to_vip_tier_ids": only,
            "reward": {"type": "points"},
            "reward_value": value,
            "earning_limit": limit,
        }
        for n, (name, words, url, value, limit, only) in enumerate(rules)
    ]


def _products(points: str, first_reward: int) -> list[Row]:
    fixed = [(500, "5 off coupon"), (900, "10 off coupon"), (300, "Free shipping"), (1_200, "Free product")]
    nothing = dict.fromkeys(
        ["variable_points_step", "variable_points_step_reward_value", "variable_points_min", "variable_points_max"]
    )
    return [
        *(
            {
                "exchange_type": "fixed",
                "exchange_description": f"{price} {points}",
                "points_price": price,
                **nothing,
                "reward": _reward(first_reward + n, name),
            }
            for n, (price, name) in enumerate(fixed)
        ),
        {
            "exchange_type": "variable",
            "exchange_description": f"100 {points} = 1 off",
            "points_price": None,
            "variable_points_step": 100,
            "variable_points_step_reward_value": 1,
            "variable_points_min": 100,
            "variable_points_max": 5_000,
            "reward": _reward(first_reward + len(fixed), "Order discount"),
        },
    ]


def _reward(key: int, name: str) -> Row:
    return {
        "id": key,
        "name": name,
        "description": f"{name}, for members",
        "image_url": f"https://cdn.example.com/loyalty/{'-'.join(name.lower().split())}.png",
    }


def membership(world: World, someone: Person) -> Membership | None:
    """What the loyalty service knows about a customer; None for those that it does not know."""
    chance = world.chance("loyalty", someone.index)
    state = "member" if someone.index == 0 else chance.choices(list(STATES), list(STATES.values()))[0]
    if state == "absent":
        return None
    key = 304_169_200 + someone.index * 7
    member = state == "member"
    vouchers = _vouchers(world, someone, key, chance) if member else []
    changes = _changes(world, someone, key, chance, len(vouchers)) if member else []
    balance = sum(change["points_change"] for change in changes)
    earned = sum(max(0, change["points_change"]) for change in changes)
    birthday = f"1004-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}" if chance.random() < 0.5 else None
    customer = {
        "id": key,
        "shop_id": someone.shop.id,
        "first_name": someone.first_name,
        "last_name": someone.last_name,
        "email": someone.email,
        "state": state,
        "date_of_birth": birthday,
        "points_balance": balance,
        "referral_url": f"https://refs.example.com/{someone.hash[:7]}",
        "vip_status": _status(world, someone.shop, earned) if member else _no_status(),
        "created_at": someone.created_at,
        "updated_at": world.instant(chance.uniform(0, 30)),
    }
    return Membership(customer, changes, vouchers)


def _status(world: World, shop: Shop, earned: int) -> Row:
    ids = tier_ids(shop)
    milestones = [milestone for _, milestone, _, _ in TIERS]
    place = max(n for n, milestone in enumerate(milestones) if earned >= milestone)
    last = place == len(ids) - 1
    end = f"{world.today.year}-12-31T23:59:59.999Z"
    return {
        "vip_tier_id": ids[place],
        "vip_tier_expires_at": f"{world.today.year + 1}-12-31T23:59:59.999Z" if place else None,
        "progress_value": float(earned),
        "current_vip_period_end": end,
        "delta_to_retain_vip_tier": None,
        "next_vip_tier_id": None if last else ids[place + 1],
        "delta_to_next_vip_tier": None if last else float(milestones[place + 1] - earned),
    }


def _no_status() -> Row:
    return dict.fromkeys(
        [
            "vip_tier_id",
            "vip_tier_expires_at",
            "progress_value",
            "current_vip_period_end",
            "delta_to_retain_vip_tier",
            "next_vip_tier_id",
            "delta_to_next_vip_tier",
        ]
    )


def _changes(world: World, someone: Person, key: int, chance: Random, spent: int) -> list[Row]:
    """Points earned and spent, oldest first; the sum never falls below zero."""
    count = 64 if someone.index == 0 else chance.randint(1, 24)
    balance = 0
    rows = []
    for n in range(count + spent):
        spending = n >= count and balance >= VOUCHER_POINTS
        points = -VOUCHER_POINTS if spending else chance.randint(4, 30) * 5
        balance += points
        at = world.instant(someone.days_old * (1 - (n + 1) / (count + spent + 2)))
        rows.append(
            {
                "id": 825_600_000 + someone.index * 128 + n,
                "shop_id": someone.shop.id,
                "customer_id": key,
                "points_change": points,
                "description": "Redeemed a reward" if spending else chance.choice(EARNED),
                "internal_note": "Imported by support" if chance.random() < 0.05 else None,
                "created_at": at,
                "updated_at": at,
            }
        )
    return rows


def _vouchers(world: World, someone: Person, key: int, chance: Random) -> list[Row]:
    """Rewards that were paid for with points, in all states."""
    rows = []
    for n in range(13 if someone.index == 0 else chance.choice([0, 0, 1, 2, 3, 5])):
        status = chance.choices(["issued", "pending", "cancelled", "failed"], [90, 4, 3, 3])[0]
        usage = chance.choices(["unused", "used", "untracked"], [5, 4, 1])[0] if status == "issued" else "unused"
        at = world.instant(chance.uniform(1, someone.days_old))
        ends = at + timedelta(days=365) if chance.random() < 0.5 else None
        off = chance.choice([5, 10])
        rows.append(
            {
                "id": 625_400_000 + someone.index * 16 + n,
                "shop_id": someone.shop.id,
                "customer_id": key,
                "name": f"{off} off coupon",
                "code": f"{off}off-{chance.getrandbits(48):012x}",
                "fulfillment_status": status,
                "usage_status": usage,
                "image_url": "https://cdn.example.com/loyalty/coupon.png",
                "action_text": "Shop now" if usage == "unused" else None,
                "action_url": someone.shop.site if usage == "unused" else None,
                "usage_instructions": "Enter the code at checkout.",
                "terms_and_conditions": "One use for each customer." if chance.random() < 0.5 else None,
                "expires_at": ends,
                "used_at": min(at + timedelta(days=9), world.instant(0.2)) if usage == "used" else None,
                "created_at": at,
                "updated_at": at,
            }
        )
    return rows
