"""From settings to the backends as each shop reaches them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from gateway.settings import Backends, BackendSettings, Settings
from gateway.upstream import Backend, Rate, RateLimit, SessionForm, SessionTokens, Tenant
from resolvers import DIALECTS, SESSIONS

Tenants = Mapping[str, Mapping[str, Tenant]]
"""Each shop's backends by their names, by the shop's domain."""


@asynccontextmanager
async def tenants_of(settings: Settings) -> AsyncIterator[Tenants]:
    """The backends, with a pool of connections for each address, for as long as the block runs."""
    async with AsyncExitStack() as stack:
        pools = {
            address: await stack.enter_async_context(_connected(*address, settings.backends))
            for address in {(name, settings.url_of(name, shop)) for shop in settings.shops for name in DIALECTS}
        }
        fleets = {
            name: DIALECTS[name]("", token) for name in DIALECTS if (token := settings.fleet_token_of(name)) is not None
        }
        yield {
            domain: {
                name: Tenant(
                    pools[name, settings.url_of(name, domain)],
                    domain,
                    DIALECTS[name](domain, own.token.get_secret_value()),
                    settings.bulk_of(name, domain),
                    fleets.get(name),
                    opened.get(name),
                    shop.id,
                    _rate_limit(settings, name),
                )
                for name, own in shop.backends.items()
            }
            for domain, shop in settings.shops.items()
            for opened in [_sessions(settings, pools, domain)]
        }


def _connected(name: str, url: str, backends: Backends) -> AbstractAsyncContextManager[Backend]:
    settings: BackendSettings = getattr(backends, name)
    return Backend.connected(
        name,
        url,
        timeout_seconds=settings.timeout_seconds,
        connections=settings.connections,
        answer_bytes=settings.answer_bytes,
        retries=settings.retries,
    )


def _rate_limit(settings: Settings, name: str) -> RateLimit | None:
    """A bucket for one shop's token, where the backend is known to have one."""
    backend: BackendSettings = getattr(settings.backends, name)
    return RateLimit(Rate(backend.rate_calls, backend.rate_calls_a_second)) if backend.rate_calls else None


def _sessions(settings: Settings, pools: Mapping[tuple[str, str], Backend], domain: str) -> dict[str, SessionTokens]:
    """The shoppers' sessions at each of a shop's backends that is asked with those; one for each that opens them."""
    opened: dict[tuple[str, SessionForm], SessionTokens] = {}
    for issuer, form in SESSIONS.values():
        token = settings.shops[domain].backends[issuer].token.get_secret_value()
        pool = pools[issuer, settings.url_of(issuer, domain)]
        opened.setdefault((issuer, form), SessionTokens(form, pool, DIALECTS[issuer](domain, token)))
    return {name: opened[by] for name, by in SESSIONS.items() if settings.credential_of(name) == "session"}
