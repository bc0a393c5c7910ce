"""POST /webhooks: an event becomes the tags of what it makes old."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from starlette.requests import Request

from gateway.edge.events.log import Event, EventLog
from gateway.edge.events.signatures import recharge_signed, shopify_signed
from gateway.edge.masking import of_gateway_error
from gateway.edge.messages import HttpRequest, HttpResponse
from gateway.edge.refusals import HttpRefusal, bad_request, not_found, unavailable, unsigned
from gateway.edge.request import read_body
from gateway.edge.responses import json_response
from gateway.errors import BackendError, GatewayError
from gateway.metrics import EventMetrics
from gateway.upstream import Change, Topic, tag

logger = structlog.get_logger(__name__)

NOBODYS = (b"a secret that nobody has, so that an unknown shop takes as long as a wrong signature",)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpoint:
    """The endpoint that takes events."""

    log: EventLog
    recharge_topics: Mapping[str, Mapping[str, Topic[Any]]]
    """By the backend that sends them."""
    shopify_topics: Mapping[str, Topic[Any]]
    recharge_secrets: Mapping[str, Mapping[str, Sequence[bytes]]] = field(repr=False)
    """By shop and backend."""
    shopify_secrets: Mapping[str, Sequence[bytes]] = field(repr=False)
    """By shop."""
    shops: Mapping[str, str]
    """The shop's own domain by each domain that it goes by."""
    metrics: EventMetrics
    body_bytes: int
    legacy_signatures: bool
    """Whether Recharge's older signature is enough where the newer one is missing."""

    async def recharge(self, request: Request) -> HttpResponse:
        """`/webhooks/recharge/{shop}/{topic}`: Recharge names neither in what it sends, so each has its own address."""
        return await self._answer("recharge", request, self._recharge)

    async def shopify(self, request: Request) -> HttpResponse:
        """`/webhooks/shopify`: Shopify names shop and topic in headers."""
        return await self._answer("shopify", request, self._shopify)

    def _recharge(self, request: Request, body: bytes) -> Event:
        shop = self.shops.get(request.path_params["shop"], "")
        name: str = request.path_params["topic"]
        secrets = self.recharge_secrets.get(shop, {})
        sender = next((sender for sender, topics in self.recharge_topics.items() if name in topics), None)
        # A topic that nobody knows may be told to whoever has any secret of the shop's.
        usable = secrets.get(sender, ()) if sender else [secret for own in secrets.values() for secret in own]
        signed = recharge_signed(request.headers, body, usable or NOBODYS, legacy=self.legacy_signatures)
        if not signed or not usable:
            raise unsigned()
        if sender is None:
            raise _unknown_topic()
        digest = hashlib.sha256(body).hexdigest()
        return _event(shop, self.recharge_topics[sender][name], body, key=f"{shop}:{name}:{digest}")

    def _shopify(self, request: Request, body: bytes) -> Event:
        shop = self.shops.get(request.headers.get("x-shopify-shop-domain", ""), "")
        secrets = self.shopify_secrets.get(shop, ())
        if not shopify_signed(request.headers, body, secrets or NOBODYS) or not secrets:
            raise unsigned()
        name = request.headers.get("x-shopify-topic", "")
        if name not in self.shopify_topics:
            raise _unknown_topic()
        # The ids that Shopify sends are not signed: what is signed tells one event from another.
        digest = hashlib.sha256(body).hexdigest()
        return _event(shop, self.shopify_topics[name], body, key=f"{shop}:{name}:{digest}")

    async def _answer(self, sender: str, request: Request, read: Callable[[Request, bytes], Event]) -> HttpResponse:
        outcome: str = GatewayError.code
        try:
            event = read(request, await read_body(HttpRequest(request.scope, request.receive), self.body_bytes))
            outcome = await self.log.take(event)
        except HttpRefusal as refusal:
            outcome = refusal.error.code
            return json_response({"errors": [of_gateway_error(refusal.error)]}, refusal.status, headers=refusal.headers)
        except BackendError as error:
            outcome = error.code
            away = unavailable(error)
            return json_response({"errors": [of_gateway_error(error)]}, away.status, headers=away.headers)
        except Exception:
            logger.exception("unexpected error")
            failure = GatewayError("Internal error.", requestId=request.state.request_id)
            return json_response({"errors": [of_gateway_error(failure)]}, HTTPStatus.INTERNAL_SERVER_ERROR)
        finally:
            self.metrics.came(sender, outcome)
        logger.debug("event", outcome=outcome, tags=len(event.tags))
        return json_response({"outcome": outcome}, HTTPStatus.OK)


def _event(shop: str, topic: Topic[Any], body: bytes, *, key: str) -> Event:
    try:
        change: Change = topic.read(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise bad_request("The body is no event of this topic.") from None
    return Event(
        key=key,
        subject=f"{shop}:{change.subject}",
        version=_microseconds(change.version) if change.version else None,
        tags=tuple(tag(shop, kind, which) for kind, which in change.tags),
    )


def _microseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000)


def _unknown_topic() -> HttpRefusal:
    return not_found("This topic changes nothing here: docs/webhooks.md lists those that do.")
