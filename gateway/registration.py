"""Registers the gateway's webhooks at the backends that send them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp

from gateway.settings import Settings
from resolvers import DIALECTS, RECHARGE_TOPICS

WAIT_SECONDS = 2.0
"""How long a backend that answers 429 without `Retry-After` is left alone: Recharge's bucket leaks twice a second."""
MOST_WAITS = 100
PAGE = 250


class RegistrationError(Exception):
    """A backend did not register; the message names shop, backend, topic and status."""


@dataclass(frozen=True, slots=True)
class Registered:
    """What came of one shop's registrations at one backend."""

    shop: str
    backend: str
    made: int
    """Registrations that are new."""
    kept: int
    """Those that were there."""
    refused: tuple[str, ...]
    """Topics that the backend does not have, or not for this token: what they tell shows when its age is over."""


async def register_webhooks(settings: Settings, address: str) -> list[Registered]:
    """Register each topic of each shop for which there is a secret to verify it with.

    May be repeated: what is registered already stays, and registrations for other addresses are not touched.

    Args:
        settings: The gateway's own.
        address: Where backends reach the gateway, such as `https://gateway.example.com`.

    Raises:
        RegistrationError: A backend did not answer, or takes no registrations at all.
    """
    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=30), cookie_jar=aiohttp.DummyCookieJar()
    ) as client:
        return await asyncio.gather(
            *[
                _Registrar(client, settings, shop, backend).register(address.rstrip("/"))
                for shop, known in settings.shops.items()
                for backend in RECHARGE_TOPICS
                if known.backends[backend].webhook_secrets
            ]
        )


class _Registrar:
    """One shop at one backend."""

    def __init__(self, client: aiohttp.ClientSession, settings: Settings, shop: str, backend: str) -> None:
        self._client = client
        self._shop, self._backend = shop, backend
        self._url = f"{settings.url_of(backend, shop)}/webhooks"
        self._access = DIALECTS[backend](shop, settings.shops[shop].backends[backend].token.get_secret_value())

    async def register(self, address: str) -> Registered:
        """Register what is not there, one after the other: a shop's token has a rate."""
        wanted = {
            (topic, f"{address}/webhooks/recharge/{self._shop}/{topic}") for topic in RECHARGE_TOPICS[self._backend]
        }
        there = {pair async for pair in self._registered()} & wanted
        refused: list[str] = []
        for topic, url in sorted(wanted - there):
            if await self._ask("POST", topic, json={"address": url, "topic": topic}) is None:
                refused.append(topic)
        made = len(wanted) - len(there) - len(refused)
        return Registered(self._shop, self._backend, made, len(there), tuple(refused))

    async def _registered(self) -> AsyncIterator[tuple[str, str]]:
        cursor: dict[str, str] = {}
        while True:
            page = await self._ask("GET", "", params={"limit": str(PAGE), **cursor})
            for each in page["webhooks"]:
                yield each["topic"], each["address"]
            if not page.get("next_cursor"):
                return
            cursor = {"cursor": page["next_cursor"]}

    async def _ask(self, method: str, topic: str, *, json: Any = None, params: dict[str, str] | None = None) -> Any:
        """What is answered; None where a topic is refused."""
        named = f"{self._shop}, {self._backend}{f', {topic}' if topic else ''}"
        query = {**self._access.params, **(params or {})}
        try:
            for _ in range(MOST_WAITS):
                async with self._client.request(
                    method, self._url, headers=self._access.headers, params=query, json=json, allow_redirects=False
                ) as response:
                    if response.status == HTTPStatus.TOO_MANY_REQUESTS:
                        await asyncio.sleep(_wait_seconds(response.headers.get("Retry-After", "")))
                        continue
                    if topic and response.status in {400, 403, 422}:
                        return None
                    if response.status not in {200, 201}:
                        raise RegistrationError(f"{named}: status {response.status}")
                    return await response.json()
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # A timeout is an OSError.
            raise RegistrationError(f"{named}: {type(error).__name__}") from None
        raise RegistrationError(f"{named}: status 429, {MOST_WAITS} times")


def _wait_seconds(retry_after: str) -> float:
    return min(float(retry_after), 60.0) if retry_after.isascii() and retry_after.isdigit() else WAIT_SECONDS
