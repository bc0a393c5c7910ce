"""Events that come in, put together from the settings."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import aiohttp
from pydantic import SecretStr
from redis.asyncio import Redis

from gateway.edge.events import (
    Cdn,
    EventLog,
    Keeper,
    LocalCdnQueue,
    LocalEventLog,
    RedisEventLog,
    SharedCdnQueue,
    WebhookEndpoint,
)
from gateway.event_settings import CdnSettings
from gateway.identity_settings import ShopifyAppSettings
from gateway.metrics import EventMetrics
from gateway.settings import Settings
from gateway.shared_store import connected_store
from resolvers import RECHARGE_TOPICS, SHOPIFY_EVENTS


@dataclass(frozen=True, slots=True)
class Log:
    """Where processes tell each other what has changed."""

    events: EventLog
    redis: Redis | None
    """Where it is kept, unless in this process."""


@asynccontextmanager
async def event_log(settings: Settings, local: LocalEventLog) -> AsyncIterator[Log]:
    """The log, for as long as the block runs.

    Args:
        settings: All of them.
        local: The log of this process, where there is no Redis; outlives a reload.
    """
    if settings.redis.url is None:
        yield Log(local, None)
        return
    async with connected_store(
        settings.redis.url.get_secret_value(),
        timeout_seconds=settings.redis.ledger_timeout_seconds,
        connections=settings.redis.connections,
    ) as redis:
        yield Log(RedisEventLog(redis), redis)


@asynccontextmanager
async def events(
    settings: Settings, log: Log, keepers: Collection[Keeper], metrics: EventMetrics
) -> AsyncIterator[WebhookEndpoint]:
    """What takes events and tells of them, for as long as the block runs.

    Args:
        settings: All of them.
        log: Where they are told of.
        keepers: Whoever in this process keeps answers.
        metrics: Where webhooks are counted.
    """
    async with AsyncExitStack() as stack:
        cdn = await stack.enter_async_context(_cdn(settings.cdn)) if settings.cdn.url else None
        told = [*keepers]
        if log.redis is not None:
            if cdn is not None:
                await stack.enter_async_context(SharedCdnQueue(cdn, log.redis).working())
        elif cdn is not None:
            queue = LocalCdnQueue(cdn)
            await stack.enter_async_context(queue.working())
            told.append(queue)
        await stack.enter_async_context(log.events.following(told))
        yield _endpoint(settings, log.events, metrics)


def _endpoint(settings: Settings, log: EventLog, metrics: EventMetrics) -> WebhookEndpoint:
    return WebhookEndpoint(
        log=log,
        recharge_topics=RECHARGE_TOPICS,
        shopify_topics=SHOPIFY_EVENTS,
        recharge_secrets={
            domain: {name: _bytes(shop.backends[name].webhook_secrets) for name in RECHARGE_TOPICS}
            for domain, shop in settings.shops.items()
        },
        shopify_secrets={
            domain: _bytes((*_app_secrets(shop.shopify_app or settings.shopify.app), *shop.shopify_webhook_secrets))
            for domain, shop in settings.shops.items()
        },
        shops=settings.shops_by_name(),
        metrics=metrics,
        body_bytes=settings.webhooks.body_bytes,
        legacy_signatures=settings.webhooks.legacy_signatures,
    )


def _app_secrets(app: ShopifyAppSettings | None) -> tuple[SecretStr, ...]:
    return () if app is None else (app.secret, *app.retired_secrets)


def _bytes(secrets: Sequence[SecretStr]) -> tuple[bytes, ...]:
    return tuple(secret.get_secret_value().encode() for secret in secrets)


@asynccontextmanager
async def _cdn(settings: CdnSettings) -> AsyncIterator[Cdn]:
    token = (
        {settings.token_header: settings.token.get_secret_value()} if settings.token_header and settings.token else {}
    )
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield Cdn(
            session=session,
            url=str(settings.url),
            method=settings.method,
            tags_header=settings.tags_header,
            headers=token,
            timeout_seconds=settings.timeout_seconds,
            attempts=settings.attempts,
            again_after_seconds=settings.again_after_seconds,
        )
