"""What this service's webhooks tell of."""

from backends.subscriptions.account_resources import ONETIME, ORDER
from backends.subscriptions.plan_writes import PLAN
from backends.subscriptions.resources import ADDRESS, CHARGE, CUSTOMER, SUBSCRIPTION
from backends.webhooks import Subject
from backends.webhooks.verbs import changed
from backends.wire.resources import Row

TOPICS: tuple[str, ...] = tuple(
    f"{kind}/{verb}"
    for kind, verbs in {
        "address": "created updated",
        "charge": "created updated paid failed max_retries_reached refunded upcoming deleted",
        "customer": "created updated activated deactivated deleted payment_method_updated",
        "onetime": "created updated deleted",
        "order": "created updated processed upcoming cancelled deleted",
        "plan": "created updated deleted",
        "store": "updated",
        "subscription": "created updated activated cancelled deleted skipped unskipped swapped paused",
    }.items()
    for verb in verbs.split()
)
"""What can be registered for. Nothing here fails to be paid, is refunded or announced, so some of it is never sent."""


def _subscription(before: Row | None, after: Row | None) -> list[str]:
    told = changed(before, after)
    if before and after:
        if after["status"] != before["status"] and after["status"] in {"active", "cancelled"}:
            told.append("activated" if after["status"] == "active" else "cancelled")
        if after["external_variant_id"] != before["external_variant_id"]:
            told.append("swapped")
    return told


def _charge(before: Row | None, after: Row | None) -> list[str]:
    told = changed(before, after)
    if before and after and after["status"] != before["status"] == "queued" and after["status"] == "success":
        told.append("paid")
    return told


def _onetime(before: Row | None, after: Row | None) -> list[str]:
    is_cancelled = after is not None and after["is_cancelled"]
    return ["deleted"] if before and is_cancelled and not before["is_cancelled"] else changed(before, after)


def _order(before: Row | None, after: Row | None) -> list[str]:
    told = changed(before, after)
    return [*told, "processed"] if told == ["created"] else told


def _address(before: Row | None, after: Row | None) -> list[str]:
    # There is no topic for one that is deleted.
    return changed(before, after) if after else []


def _payment_method(before: Row | None, after: Row | None) -> list[str]:  # noqa: ARG001  # what a Subject calls
    return ["payment_method_updated"]


SUBJECTS: tuple[Subject, ...] = (
    Subject(resource=SUBSCRIPTION, verbs=_subscription),
    Subject(resource=CHARGE, verbs=_charge),
    Subject(resource=ONETIME, verbs=_onetime),
    Subject(resource=ORDER, verbs=_order),
    Subject(resource=ADDRESS, verbs=_address),
    Subject(resource=CUSTOMER, verbs=changed),
    Subject(resource=CUSTOMER, verbs=_payment_method, table="payment_methods", of=lambda row: int(row["customer_id"])),
    Subject(resource=PLAN, verbs=changed),
)
