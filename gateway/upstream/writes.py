"""Writes to one backend as one request may send them."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

from gateway.errors import (
    BackendRejected,
    BackendThrottled,
    BackendTimeout,
    Forbidden,
    TwoFactorRequired,
    Unauthenticated,
)
from gateway.upstream.bodies import retry_after_seconds
from gateway.upstream.cache import Cache
from gateway.upstream.calls import Calls
from gateway.upstream.locks import Locks
from gateway.upstream.tags import Kind, tag
from gateway.upstream.tenant import Tenant
from gateway.upstream.writer import Answered, Method, Writer

CONFLICT_SECONDS = 0.05
"""At most so long until a write that met another is sent again; twice as long each time, up to CONFLICT_SECONDS_MAX."""
CONFLICT_SECONDS_MAX = 1.0

Announce = Callable[[str, int, Collection[str]], Awaitable[None]]
"""Tells other processes of a shop that its customer has changed something, and by which tags that is kept. Raises
nothing."""


@dataclass(frozen=True, slots=True)
class Writes:
    """A backend's way in for writes, bound to a shop, the shopper, and the request's deadline and journal."""

    writer: Writer
    tenant: Tenant
    customer_id: int | None
    calls: Calls
    """Until when, and where writes are written down."""
    locks: Locks
    """The process's own, so that its writes to one object come one after the other."""
    cache: Cache
    """What lets go of what it keeps of the shopper."""
    announce: Announce
    """Tells the other processes, which keep answers of their own."""

    @property
    def service(self) -> str:
        """The domain's name, as errors and logs carry it."""
        return self.writer.service

    @asynccontextmanager
    async def alone(self, *names: str) -> AsyncIterator[bool]:
        """Be the only one of this process that writes to the named objects of the shop, such as `address/1`.

        Yields:
            Whether others had to be waited for, so that what was read before may be out of date.

        Raises:
            BackendTimeout: Others wrote to them until the deadline; nothing was sent.
        """
        held = self.locks.holding((f"{self.tenant.shop}/{name}" for name in names), self.calls.deadline)
        try:
            has_waited = await held.__aenter__()
        except TimeoutError:
            raise BackendTimeout(self.service, cause="other writes to the same object took too long") from None
        try:
            yield has_waited
        finally:
            await held.__aexit__(None, None, None)

    async def send(
        self, method: Method, path: str, params: Mapping[str, str], body: bytes | None, *, headers: Mapping[str, str]
    ) -> Answered:
        """Send a write with the shop's access, or with the shopper's own session where there is one.

        A write that met another one (409) was not carried out: it is sent again within the deadline, with full jitter.
        Whatever else fails is never sent again.

        Returns:
            A 2xx answer, or a refusal that the shopper can mend: 402, 404, 409, 422.

        Raises:
            OutcomeUnknown: It was sent, and what became of it is not known.
            Unauthenticated, TwoFactorRequired, Forbidden: What the shopper's own session is refused with.
            BackendError: It was not carried out.
        """
        query = {**params, **self.tenant.access.params}
        target = f"{path}?{urlencode(query, safe=',:')}" if query else path
        shown = f"{path}?{urlencode(params, safe=',:')}" if params else path
        longest = CONFLICT_SECONDS
        while True:
            answer = await self._send(method, target, shown, body, headers)
            pause = random.uniform(0, longest)  # noqa: S311  # full jitter, guards nothing
            if answer.status != 409 or self.calls.deadline.remaining_seconds() < pause:
                break
            await asyncio.sleep(pause)
            longest = min(longest * 2, CONFLICT_SECONDS_MAX)
        self._check(answer)
        return answer

    async def _send(
        self, method: Method, target: str, shown: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answered:
        rate_limit = self.tenant.rate_limit

        async def send(own: Mapping[str, str]) -> Answered:
            if rate_limit is not None:
                await rate_limit.turn(self.service, self.calls.deadline)
            answer = await self.writer.send(
                method,
                target,
                shown=shown,
                body=body,
                headers={**self.tenant.access.headers, **own, **headers},
                record=self.calls,
            )
            if rate_limit is not None and answer.status == 429:
                await rate_limit.hold(retry_after_seconds(answer.retry_after))
            return answer

        sessions = self.tenant.sessions
        if sessions is None or self.customer_id is None:
            return await send({})
        own = await sessions.headers(self.customer_id, self.calls)
        answer = await send(own)
        if answer.status != 401:
            return answer
        # The session ended before its time, so nothing was done; one that is new is asked once.
        sessions.forget(self.customer_id, own)
        return await send(await sessions.headers(self.customer_id, self.calls))

    def _check(self, answer: Answered) -> None:
        """Raise what a refusal means, unless it is about what was written."""
        if answer.is_done or answer.status in {402, 404, 409, 422}:
            return
        cause = f"status {answer.status}"
        if answer.status == 429:
            seconds = retry_after_seconds(answer.retry_after)
            raise BackendThrottled(self.service, cause=cause, retry_after_seconds=seconds)
        if self.tenant.sessions is not None and self.customer_id is not None:
            if answer.status == 401:
                raise Unauthenticated("The session is no longer valid: log in again.")
            if answer.status == 423:
                raise TwoFactorRequired("The session needs a second factor: let the shopper prove who they are.")
            if answer.status == 403:
                raise Forbidden("The session may not do this.")
        raise BackendRejected(self.service, cause=cause, status=answer.status)

    async def changed(self, names: Collection[str]) -> None:
        """Say that something was written, by names such as `customer:1`: what is kept under them is out of date.

        This process knows when it is called, the others a moment after it comes back.
        """
        shop = self.tenant.shop
        parts = (name.partition(":") for name in names)
        tags = [tag(shop, cast("Kind", kind), key) for kind, _, key in parts]
        self.cache.wrote(shop, self.customer_id, tags)
        if self.customer_id is not None:
            await self.announce(shop, self.customer_id, tags)
