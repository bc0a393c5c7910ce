"""Who asks, put together from the settings."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import msgspec
from redis.asyncio import Redis

from gateway.edge.audit import Audit
from gateway.edge.audit_sinks import AuditFile, AuditStream, Sink
from gateway.edge.origins import Origins
from gateway.edge.session_endpoint import SessionEndpoint
from gateway.edge.sessions import (
    AppProxy,
    Apps,
    Customers,
    ExchangesInMemory,
    ExchangesInRedis,
    FindCustomer,
    IsSessionOf,
    RechargeSessions,
    RevocationLog,
    Revocations,
    Sessions,
    ShopifyApp,
    ShopifyTokens,
    SignedTokens,
    Tool,
    Tools,
    ToolTokens,
    keys_in,
)
from gateway.edge.sessions.signed_tokens import LONGEST_SECONDS
from gateway.edge.throttle import Throttle
from gateway.settings import Settings, SettingsError, environment_name
from gateway.shared_store import connected_store
from gateway.store_settings import RedisSettings


def signed_tokens(settings: Settings) -> SignedTokens:
    """What checks, and for the command line makes, shoppers' tokens.

    Raises:
        SettingsError: A secret is a public key, which is no secret.
    """
    secrets = (settings.sessions.secret, *settings.sessions.retired_secrets)
    try:
        return SignedTokens.of(
            [secret.get_secret_value() for secret in secrets],
            shops=settings.shops_by_name(),
            leeway_seconds=settings.sessions.leeway_seconds,
        )
    except ValueError as error:
        raise SettingsError(f"sessions.secret ({environment_name(('sessions', 'secret'))}): {error}.") from None


@asynccontextmanager
async def identity(
    settings: Settings,
    revocations: Revocations,
    own_exchanges: ExchangesInMemory,
    *,
    find_customer: FindCustomer,
    is_session_of: IsSessionOf,
    origins: Origins,
    throttle: Throttle,
) -> AsyncIterator[tuple[Sessions, SessionEndpoint]]:
    """What tells who asks, and what begins and ends sessions, for as long as the block runs.

    Args:
        settings: All of them.
        revocations: What this process knows to be revoked; outlives a reload.
        own_exchanges: What it knows of exchanged sessions where there is no Redis; the same.
        find_customer: Looks up by which id the subscriptions backend knows a customer of Shopify's.
        is_session_of: Asks the subscriptions backend whether a token is a session there.
        origins: Pages of which origins may begin and end sessions.
        throttle: Who shows tokens of somebody else's pays for it.
    """
    tokens = signed_tokens(settings)
    apps, customers = _apps(settings), Customers(find_customer)
    tools = _tools(settings)
    sessions = Sessions(
        [
            tokens,
            *_tool_tokens(settings, tools),
            ShopifyTokens(apps, customers, leeway_seconds=settings.sessions.leeway_seconds),
        ],
        proxy=AppProxy(apps, customers, window_seconds=settings.shopify.proxy_window_seconds),
        tools=tools,
        shops=settings.shops_by_name(),
        revocations=revocations,
    )
    async with _store(settings.redis) as store:
        log = RevocationLog(revocations, store, lifetime_seconds=LONGEST_SECONDS)
        exchanges = ExchangesInRedis(store) if store else own_exchanges
        async with log.following():
            yield (
                sessions,
                SessionEndpoint(
                    sessions,
                    RechargeSessions(is_session_of, exchanges, revocations),
                    tokens,
                    log,
                    origins,
                    throttle,
                    lifetime_seconds=settings.sessions.lifetime_seconds,
                ),
            )


@asynccontextmanager
async def audit_of(settings: Settings) -> AsyncIterator[Audit]:
    """What records what tools do on behalf of customers, for as long as the block runs."""
    async with AsyncExitStack() as stack:
        sinks: list[Sink] = []
        if settings.audit.redis:
            assert settings.redis.url is not None, "checked with the settings"  # noqa: S101  # for mypy
            store = connected_store(
                settings.redis.url.get_secret_value(),
                timeout_seconds=settings.redis.ledger_timeout_seconds,
                connections=settings.redis.connections,
            )
            sinks.append(AuditStream(await stack.enter_async_context(store)))
        if settings.audit.file is not None:
            sinks.append(AuditFile(settings.audit.file, is_synced=settings.audit.synced))
        yield Audit(sinks)


def check_tools(settings: Settings) -> None:
    """Look whether tools can be known, as a start would.

    Raises:
        SettingsError: One is for a shop that is not there, or can be known by nothing; or a key may not be used.
    """
    _tool_tokens(settings, _tools(settings))


def _tools(settings: Settings) -> Tools:
    """The tools.

    Raises:
        SettingsError: One is for a shop that is not there, or can be known by nothing.
    """
    names = settings.shops_by_name()
    for name, tool in settings.tools.items():
        if not tool.key_sha256 and settings.tool_tokens is None:
            raise SettingsError(f"tools.{name}.key_sha256: it needs a key, or tool_tokens for it to be known by.")
        for shop in tool.shops:
            if shop not in names:
                raise SettingsError(f"tools.{name}.shops: there is no shop {shop}.")
    return Tools(
        {
            name: Tool(
                name,
                tuple(digest.lower() for digest in tool.key_sha256),
                tool.scopes,
                tuple(dict.fromkeys(names[shop] for shop in tool.shops)) or tuple(settings.shops),
            )
            for name, tool in settings.tools.items()
        },
        names,
    )


def _tool_tokens(settings: Settings, tools: Tools) -> list[ToolTokens]:
    """What checks tools' JWTs, where there are any.

    Raises:
        SettingsError: A key is not one that may be used, or there is none.
    """
    given = settings.tool_tokens
    if given is None:
        return []
    try:
        in_file = msgspec.json.decode(given.keys_file.read_bytes(), type=_KeySet).keys if given.keys_file else ()
        keys = keys_in((*given.keys, *in_file))
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        raise SettingsError(f"tool_tokens: {error}.") from None
    if not keys:
        raise SettingsError("tool_tokens.keys: there is none, here or in keys_file.")
    return [
        ToolTokens(
            keys,
            issuer=given.issuer,
            audience=given.audience,
            tools=tools.tools,
            shops=settings.shops_by_name(),
            longest_seconds=given.longest_seconds,
            leeway_seconds=settings.sessions.leeway_seconds,
        )
    ]


class _KeySet(msgspec.Struct):
    """RFC 7517."""

    keys: tuple[dict[str, Any], ...]


def _apps(settings: Settings) -> Apps:
    apps = {domain: shop.shopify_app or settings.shopify.app for domain, shop in settings.shops.items()}
    by_shop = {
        domain: ShopifyApp(
            app.api_key, tuple(secret.get_secret_value() for secret in (app.secret, *app.retired_secrets))
        )
        for domain, app in apps.items()
        if app is not None
    }
    return Apps(by_shop, settings.shops_by_name())


@asynccontextmanager
async def _store(settings: RedisSettings) -> AsyncIterator[Redis | None]:
    """Where processes share who has left, and who has come; None where there is one process."""
    if settings.url is None:
        yield None
        return
    async with connected_store(
        settings.url.get_secret_value(),
        timeout_seconds=settings.ledger_timeout_seconds,
        connections=settings.connections,
    ) as store:
        yield store
