"""Hostile requests: each has its answer, none is a failure of ours, and the next request is served.

What they cost the event loop is measured in `promises/test_hostile.py`.
"""

import os
import random

import pytest

from tests.attacks import ATTACKS
from tests.attacks.attack import Answered, Attack, exchanged, query
from tests.attacks.bodies import mutated
from tests.attacks.shapes import long_to_validate
from tests.conftest import SHOP, Gateway
from tests.documents import document

NEXT = Attack(query("{ shop { domain } }"), 200, data={"shop": {"domain": SHOP}})


async def sent(gateway: Gateway, attack: Attack) -> Answered:
    """The answer to a request."""
    return await exchanged(int(gateway.url.rpartition(":")[2]), attack.bytes_for(SHOP))


@pytest.mark.parametrize("name", ATTACKS)
async def test_an_attack_is_answered(gateway: Gateway, name: str) -> None:
    """With the limit or the fault that it meets, without a word of what is inside, and without a REST call."""
    assert ATTACKS[name].faults(await sent(gateway, ATTACKS[name])) == []
    assert NEXT.faults(await sent(gateway, NEXT)) == []
    assert gateway.calls == []


def failures(answer: Answered) -> list[str]:
    """What no answer to whatever was sent may be."""
    codes = [error["extensions"]["code"] for error in answer.json().get("errors", ())]
    is_ours = answer.status >= 500 or "INTERNAL" in codes or not {"data", "errors"} & set(answer.json())
    return [f"{answer.status}: {answer.body[:300]!r}"] if is_ours else []


async def test_what_is_long_to_validate_is_answered(gateway: Gateway) -> None:
    """Documents within the limits that make validation, or the plan, as long as they can."""
    for name, body in long_to_validate().items():
        assert failures(await sent(gateway, Attack(body, 200))) == [], name
    assert NEXT.faults(await sent(gateway, NEXT)) == []


async def test_mutated_bodies(gateway: Gateway) -> None:
    """Bytes changed, cut, doubled and moved: `MUTATED_BODIES` says how many, `MUTATED_SEED` which."""
    chance = random.Random(int(os.environ.get("MUTATED_SEED", "8")))  # noqa: S311  # the same bodies each time
    seeds = [each.body for each in ATTACKS.values() if 0 < len(each.body) < 4_000]
    seeds += [
        query(document("ProductSubscriptionWidget"), productId="1"),
        query(document("BundleBuilder"), productId="1"),
    ]
    for body in mutated(seeds, chance, int(os.environ.get("MUTATED_BODIES", "400"))):
        assert failures(await sent(gateway, Attack(body, 200))) == [], body
