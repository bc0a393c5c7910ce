"""Who asks, put together from the settings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.edge.session_endpoint import SessionEndpoint
from gateway.edge.sessions import RevocationLog, Revocations, Sessions, SignedTokens
from gateway.edge.sessions.signed_tokens import LONGEST_SECONDS
from gateway.settings import Settings, SettingsError, environment_name
from gateway.shared_store import connected_store


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
async def identity(settings: Settings, revocations: Revocations) -> AsyncIterator[tuple[Sessions, SessionEndpoint]]:
    """What tells who asks, and what ends sessions, for as long as the block runs.

    Args:
        settings: All of them.
        revocations: What this process knows to be revoked; outlives a reload.
    """
    sessions = Sessions([signed_tokens(settings)], shops=settings.shops_by_name(), revocations=revocations)
    async with _revocation_log(settings, revocations) as log:
        yield sessions, SessionEndpoint(sessions, log, lifetime_seconds=LONGEST_SECONDS)


@asynccontextmanager
async def _revocation_log(settings: Settings, revocations: Revocations) -> AsyncIterator[RevocationLog]:
    redis = settings.redis
    if redis.url is None:
        yield RevocationLog(revocations, None, lifetime_seconds=LONGEST_SECONDS)
        return
    async with connected_store(
        redis.url.get_secret_value(), timeout_seconds=redis.ledger_timeout_seconds, connections=redis.connections
    ) as store:
        log = RevocationLog(revocations, store, lifetime_seconds=LONGEST_SECONDS)
        async with log.following():
            yield log
