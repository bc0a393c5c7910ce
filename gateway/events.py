"""Events that come in, put together from the settings."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
from pydantic import SecretStr

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
from gateway.settings import Settings
from gateway.shared_store import connected_store
from resolvers import RECHARGE_TOPICS, SHOPIFY_EVENTS


@asynccontextmanager
async def events(
    settings: Settings, local: LocalEventLog, keepers: Collection[Keeper]
) -> AsyncIterator[WebhookEndpoint]:
    """What takes events and tells of them, for as long as the block runs.

    Args:
        settings: All of them.
        local: The log of this process, where there is no Redis; outlives a reload.
        keepers: Whoever in this process keeps answers.
    """
    async with AsyncExitStack() as stack:
        cdn = await stack.enter_async_context(_cdn(settings.cdn)) if settings.cdn.url else None
        log: EventLog = local
        told = [*keepers]
        if settings.redis.url is not None:
            redis = await stack.enter_async_context(
                connected_store(
                    settings.redis.url.get_secret_value(),
                    timeout_seconds=settings.redis.ledger_timeout_seconds,
                    connections=settings.redis.connections,
                )
            )
            log = RedisEventLog(redis)
            if cdn is not None:
                await stack.enter_async_context(SharedCdnQueue(cdn, redis).working())
        elif cdn is not None:
            queue = LocalCdnQueue(cdn)
            await stack.enter_async_context(queue.working())
            told.append(queue)
        await stack.enter_async_context(log.following(told))
        yield _endpoint(settings, log)


def _endpoint(settings: Settings, log: EventLog) -> WebhookEndpoint:
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
        )
