"""Webhooks out of the reference backends: who is told of what, signed how, and until when."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from backends.subscriptions.events import TOPICS
from backends.webhooks.signatures import signed
from gateway.edge.events.signatures import recharge_signed
from tests.backends.services import (
    AURORA,
    NORDLYS,
    TODAY,
    Answer,
    Asked,
    asking,
    memory_database,
    mysql_database,
    settings,
)
from tests.receivers import Receiver, receiving
from tests.running import free_port

SECRET = "aurora-client-secret"
SECRETS = {AURORA.domain: SecretStr(SECRET)}


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver that takes everything."""
    async with receiving() as fresh:
        yield fresh


@pytest.fixture(params=[memory_database])
async def service(request: pytest.FixtureRequest) -> AsyncIterator[Asked]:
    """The subscriptions service of one test, which sends again soon."""
    async with request.param() as database_url:
        given = settings(database_url, customers=20, client_secrets=SECRETS, webhook_pause_seconds=0.02)
        async with asking("subscriptions", given) as fresh:
            yield fresh


on_both_databases = pytest.mark.parametrize(
    "service", [memory_database, mysql_database], ids=["sqlite", "mysql"], indirect=True
)


async def registered(service: Asked, url: str, *topics: str) -> list[int]:
    """Ids of registrations, of all topics unless some are named."""
    answers = [
        await service.post("/webhooks", {"address": f"{url}/{topic}", "topic": topic}) for topic in topics or TOPICS
    ]
    assert [answer.status for answer in answers] == [200] * len(answers)
    return [answer.body["webhook"]["id"] for answer in answers]


async def active(service: Asked) -> dict[str, Any]:
    """A subscription whose next charge is queued and that is no bundle."""
    rows = await service.rows("/subscriptions?status=active&limit=250")
    return next(row for row in rows if row["has_queued_charges"] and row["is_skippable"] and row["is_swappable"])


def taken(answer: Answer) -> Any:
    """The body of a write that was done."""
    assert answer.status in {200, 204}, answer.text
    return answer.body


def test_the_signatures_are_those_of_the_documentation() -> None:
    """The vector was computed by two other programs."""
    assert signed("client_secret", b'{"subscription":{"id":1}}', 1_700_000_000) == {
        "X-Recharge-Hmac-Sha256": "6e36dbb421dac968facfcb2f8de6852ab9b25bf95680b72abdb5ea0ba8e3b679",
        "X-Recharge-Webhook-Signature": "t=1700000000,"
        "v1=055f62ed25d03bc87eff6535934bd044fcd8e8c2dec074d52ff532157fa750f6",
    }


async def test_registrations_are_the_shops(service: Asked) -> None:
    """One address and topic each; they can be listed, changed and taken back, by the shop alone."""
    created = await service.post(
        "/webhooks",
        {"address": "https://a.example/plan", "topic": "plan/updated", "included_objects": ["customer"]},
    )
    webhook = created.body["webhook"]
    assert webhook == {
        "id": webhook["id"],
        "address": "https://a.example/plan",
        "included_objects": ["customer"],
        "topic": "plan/updated",
        "version": "2021-11",
    }
    again = await service.post("/webhooks", {"address": "https://a.example/plan", "topic": "plan/updated"})
    assert (again.status, again.body) == (
        422,
        {"errors": {"address": ["This address for topic has already been taken."]}},
    )
    path = f"/webhooks/{webhook['id']}"
    changed = await service.put(path, {"topic": "plan/deleted"})
    assert changed.body["webhook"] == {**webhook, "topic": "plan/deleted"}
    assert (await service(path)).body == changed.body
    assert (await service("/webhooks?topic=plan/deleted")).body["webhooks"] == [changed.body["webhook"]]
    assert (await service("/webhooks", shop=NORDLYS.domain)).body["webhooks"] == []
    assert (await service.delete(path, shop=NORDLYS.domain)).status == 404
    assert (await service.delete(path)).status == 204
    assert (await service("/webhooks")).body["webhooks"] == []


@pytest.mark.parametrize(
    ("sent", "problems"),
    [
        ({}, {"address": ["Missing data for required field."], "topic": ["Missing data for required field."]}),
        ({"address": "ftp://a.example", "topic": "plan/updated"}, {"address": ["Not a valid URL."]}),
        ({"address": "https://[", "topic": "plan/updated"}, {"address": ["Not a valid URL."]}),
        (
            {"address": "https://a.example", "topic": "plan/updated", "included_objects": "customer"},
            {"included_objects": ["Not a valid list."]},
        ),
    ],
)
async def test_what_cannot_be_registered(service: Asked, sent: Any, problems: Any) -> None:
    """Each problem is named."""
    refused = await service.post("/webhooks", sent)
    assert (refused.status, refused.body) == (422, {"errors": problems})


async def test_only_known_topics_and_shops_with_a_secret(service: Asked) -> None:
    """A webhook that nobody could verify is of no use; a shopper's session registers none."""
    refused = await service.post("/webhooks", {"address": "https://a.example", "topic": "plan/renamed"})
    assert refused.status == 422
    assert list(refused.body["errors"]) == ["topic"]
    secretless = await service.post(
        "/webhooks", {"address": "https://a.example", "topic": "plan/updated"}, shop=NORDLYS.domain
    )
    assert secretless.body == {"errors": {"_schema": ["There is no client secret to sign this shop's webhooks with."]}}
    (customer,) = (await service("/customers?limit=1")).body["customers"]
    session = taken(await service.post(f"/customers/{customer['id']}/sessions"))["customer_session"]["apiToken"]
    for method, path in (("GET", "/webhooks"), ("POST", "/webhooks"), ("PUT", "/plans/1"), ("DELETE", "/plans/1")):
        assert (await service(path, {}, method=method, x_recharge_access_token=session)).status == 401


async def test_a_change_is_told_as_it_is_read(service: Asked, receiver: Receiver) -> None:
    """The object in its key, signed in both ways; only of the shop that registered."""
    await registered(service, receiver.url)
    row = await active(service)
    path = f"/subscriptions/{row['id']}?commit=true"
    answer = taken(await service.put(path, {"quantity": row["quantity"] + 1}))
    (other, *_) = (await service("/plans", shop=NORDLYS.domain)).body["plans"]
    taken(await service.put(f"/plans/{other['id']}", {"title": "Another"}, shop=NORDLYS.domain))
    await receiver.until(lambda: len(receiver.came) == 2)
    assert receiver.topics == ["charge/updated", "subscription/updated"]
    (told,) = (each for each in receiver.came if each.topic == "subscription/updated")
    assert told.value == answer == (await service(f"/subscriptions/{row['id']}")).body
    for each in receiver.came:
        assert recharge_signed(each.headers, each.body, [SECRET.encode()], legacy=False)
        assert not recharge_signed(each.headers, each.body + b" ", [SECRET.encode()], legacy=True)
        old = each.headers.mutablecopy()
        del old["x-recharge-webhook-signature"]
        assert recharge_signed(old, each.body, [SECRET.encode()], legacy=True)
    (charge,) = (each.value["charge"] for each in receiver.came if each.topic == "charge/updated")
    assert charge == (await service(f"/charges/{charge['id']}")).body["charge"]


@on_both_databases
async def test_each_change_has_its_topics(service: Asked, receiver: Receiver) -> None:
    """Also those that follow from it: a subscription's charges, a customer's counts."""
    await registered(service, receiver.url)
    template = await active(service)
    customer, variant = template["customer_id"], template["external_variant_id"]
    (home,) = (await service(f"/addresses?ids={template['address_id']}")).body["addresses"]

    async def told(answer: Answer, *topics: str) -> Any:
        body = taken(answer)
        await receiver.until(lambda: len(receiver.came) >= len(topics))
        # What is told beyond these is found among those of the next change, at the latest.
        assert receiver.topics == sorted(topics)
        receiver.came.clear()
        return body

    names = ("first_name", "last_name", "address1", "city", "country_code", "presentment_currency")
    sent = {"customer_id": customer, **{name: home[name] for name in names if home[name]}}
    address = (await told(await service.post("/addresses", sent), "address/created"))["address"]["id"]
    every = {name: template[name] for name in template if name.endswith(("_interval_unit", "_interval_frequency"))}
    ordered = {"address_id": address, "external_variant_id": variant, "quantity": 1, **every}
    made = await told(
        await service.post("/subscriptions?commit=true", ordered),
        *("subscription/created", "charge/created", "customer/updated"),
    )
    key, path = made["subscription"]["id"], f"/subscriptions/{made['subscription']['id']}"

    async def queued() -> int:
        (charge,) = (await service(f"/charges?purchase_item_ids={key}&status=queued")).body["charges"]
        return int(charge["id"])

    await told(await service.put(f"{path}?commit=true", {"quantity": 2}), "subscription/updated", "charge/updated")
    # Charges follow an uncommitted change later; until then they say so.
    await told(await service.put(path, {"quantity": 3}), "subscription/updated", "charge/updated")
    skipped = await queued()
    await told(
        await service.post(f"/charges/{skipped}/skip", {"purchase_item_ids": [key]}),
        *("subscription/updated", "subscription/skipped", "charge/updated", "charge/created"),
    )
    await told(
        await service.post(f"/charges/{skipped}/unskip", {"purchase_item_ids": [key]}),
        *("subscription/updated", "subscription/unskipped", "charge/updated", "charge/deleted"),
    )
    later = (TODAY + timedelta(days=90)).isoformat()
    await told(
        await service.post(f"{path}/set_next_charge_date?commit=true&pause=true", {"date": later}),
        *("subscription/updated", "subscription/paused", "charge/updated"),
    )
    along = {"address_id": address, "external_variant_id": variant, "quantity": 1, "add_to_next_charge": True}
    onetime = (await told(await service.post("/onetimes", along), "onetime/created", "charge/updated"))["onetime"]
    await told(await service.delete(f"/onetimes/{onetime['id']}"), "onetime/deleted", "charge/updated")
    await told(
        await service.post(f"{path}/cancel", {"cancellation_reason": "Too much"}),
        *("subscription/updated", "subscription/cancelled", "charge/deleted", "customer/updated"),
    )
    await told(
        await service.post(f"{path}/activate?commit=true"),
        *("subscription/updated", "subscription/activated", "charge/created", "customer/updated"),
    )
    await told(
        await service.post(f"/charges/{await queued()}/process"),
        *("charge/updated", "charge/paid", "charge/created", "order/created", "order/processed"),
        *("subscription/updated", "customer/updated"),
    )
    await told(
        await service.put(f"/addresses/{address}?commit=true", {"city": "Salem"}), "address/updated", "charge/updated"
    )
    (card, *_) = (await service(f"/payment_methods?customer_id={customer}")).body["payment_methods"]
    billed = {"billing_address": {"city": "Salem"}}
    await told(await service.put(f"/payment_methods/{card['id']}", billed), "customer/payment_method_updated")
    await told(await service.delete(path), "subscription/deleted", "charge/deleted", "customer/updated")
    (plan,) = (await service("/plans?limit=1&type=subscription")).body["plans"]
    await told(await service.put(f"/plans/{plan['id']}", {"discount_amount": "12.50"}), "plan/updated")
    offered = {"external_product_id": plan["external_product_id"], "type": "subscription", "title": "Every ten days"}
    new = await told(await service.post("/plans", offered), "plan/created")
    await told(await service.delete(f"/plans/{new['plan']['id']}"), "plan/deleted")


async def test_what_is_refused_is_not_told(service: Asked, receiver: Receiver) -> None:
    """The outbox is written in the transaction of the change, and undone with it."""
    row = await active(service)
    path = f"/subscriptions/{row['id']}"
    taken(await service.put(path, {"quantity": row["quantity"] + 1}))
    await registered(service, receiver.url)
    # This brings the charges up to date first, and only then finds that nothing is delivered on that day.
    sooner = (TODAY + timedelta(days=1)).isoformat()
    refused = await service.post(f"{path}/charges/skip", {"date": sooner, "subscription_id": str(row["id"])})
    assert (refused.status, refused.body) == (422, {"errors": {"date": ["Nothing is delivered on this day."]}})
    (plan,) = (await service("/plans?limit=1")).body["plans"]
    taken(await service.put(f"/plans/{plan['id']}", {"sort_order": 7}))
    await receiver.until(lambda: "plan/updated" in receiver.topics)
    assert receiver.topics == ["plan/updated"]


async def test_charges_that_follow_later_are_told_then(receiver: Receiver) -> None:
    """By nobody's request."""
    given = settings(client_secrets=SECRETS, customers=20, regeneration_seconds=0.05)
    async with asking("subscriptions", given) as service:
        await registered(service, receiver.url, "charge/updated")
        row = await active(service)
        taken(await service.put(f"/subscriptions/{row['id']}", {"quantity": row["quantity"] + 1}))
        await receiver.until(lambda: len(receiver.came) == 2)
        assert [each.value["charge"]["has_uncommitted_changes"] for each in receiver.came] == [True, False]


@on_both_databases
async def test_tried_again_until_it_arrives(service: Asked, receiver: Receiver) -> None:
    """After 408, 429 and 5xx; each time signed anew, with equal bytes. What is refused for good is not sent again."""
    (key,) = await registered(service, receiver.url, "plan/updated")
    (plan,) = (await service("/plans?limit=1")).body["plans"]
    receiver.statuses = [503, 429, 408, 200, 410, 200]
    taken(await service.put(f"/plans/{plan['id']}", {"sort_order": 7}))
    await receiver.until(lambda: len(receiver.came) == 4)
    assert len({each.body for each in receiver.came}) == 1
    taken(await service.put(f"/plans/{plan['id']}", {"sort_order": 8}))
    await receiver.until(lambda: len(receiver.came) == 5)
    taken(await service.put(f"/plans/{plan['id']}", {"sort_order": 9}))
    await receiver.until(lambda: len(receiver.came) == 6)
    assert [each.value["plan"]["sort_order"] for each in receiver.came] == [7, 7, 7, 7, 8, 9]
    assert (await service(f"/webhooks/{key}")).status == 200


async def test_given_up_after_twenty_tries(receiver: Receiver) -> None:
    """The registration goes with it."""
    given = settings(client_secrets=SECRETS, customers=20, webhook_pause_seconds=0.000_000_1)
    async with asking("subscriptions", given) as service:
        (key,) = await registered(service, receiver.url, "plan/updated")
        receiver.statuses = [500] * 21
        (plan,) = (await service("/plans?limit=1")).body["plans"]
        taken(await service.put(f"/plans/{plan['id']}", {"sort_order": 7}))
        await receiver.until(lambda: len(receiver.came) == 20)
        while (await service(f"/webhooks/{key}")).status == 200:
            pass
        assert (await service("/webhooks")).body["webhooks"] == []
        assert len(receiver.came) == 20


async def test_nothing_is_lost_with_the_process(tmp_path: Path) -> None:
    """What could not be sent before the end is sent after the next start."""
    given = settings(
        f"sqlite+aiosqlite:///{tmp_path / 'subscriptions.sqlite'}",
        customers=20,
        client_secrets=SECRETS,
        webhook_pause_seconds=0.2,
    )
    port = free_port()
    async with asking("subscriptions", given) as service:
        await registered(service, f"http://127.0.0.1:{port}", "plan/updated")
        (plan,) = (await service("/plans?limit=1")).body["plans"]
        taken(await service.put(f"/plans/{plan['id']}", {"sort_order": 7}))
    async with receiving(port) as receiver, asking("subscriptions", given):
        await receiver.until(lambda: len(receiver.came) == 1)
        assert receiver.came[0].value["plan"]["sort_order"] == 7


async def test_contents_of_bundles_are_told_by_their_own_service(receiver: Receiver) -> None:
    """And what follows for the subscription by its owner."""
    secrets = {AURORA.domain: SecretStr(SECRET)}
    async with asking("subscriptions", settings(customers=20, client_secrets=secrets)) as subscriptions:
        url = f"http://127.0.0.1:{subscriptions.port}"
        given = settings(
            customers=20, client_secrets=secrets, subscriptions_url=url, subscriptions_tokens=settings().tokens
        )
        async with asking("bundles", given) as bundles:
            for topic in ("created", "updated", "deleted"):
                body = {"address": f"{receiver.url}/{topic}", "topic": f"bundle_selection/{topic}"}
                taken(await bundles.post("/webhooks", body))
            rows = await bundles.rows("/bundle_selections?limit=250")
            row = next(row for row in rows if row["charge_id"] is None)
            taken(await bundles.delete(f"/bundle_selections/{row['id']}"))
            await receiver.until(lambda: len(receiver.came) == 1)
            assert receiver.topics == ["deleted"]
            assert receiver.came[0].value == {"bundle_selection": row}
