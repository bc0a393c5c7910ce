"""One backend over HTTP: a call under a deadline that comes back as bytes or as one of our errors."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from itertools import count
from typing import Literal, NamedTuple, Protocol

import aiohttp
import structlog
from yarl import URL

from gateway.errors import (
    BackendBroken,
    BackendError,
    BackendMalformed,
    BackendRejected,
    BackendThrottled,
    BackendTimeout,
)
from gateway.metrics import CallMetrics, outcome_of
from gateway.upstream.bodies import body_of
from gateway.upstream.deadline import Deadline
from gateway.upstream.hedging import Hedging
from gateway.upstream.journal import Call
from gateway.upstream.rates import RateLimit
from gateway.upstream.resilience import Breaker, RetryBudget, State, pause_seconds
from gateway.upstream.timeouts import Timeouts

logger = structlog.get_logger(__name__)

MARGIN_SECONDS = 0.02
"""How long before an operation's deadline its calls have to be over."""


class Recording(Protocol):
    """What calls are made for: until when, and where they are written down."""

    @property
    def deadline(self) -> Deadline:
        """The operation's; a call gets the shorter of what remains and the backend's own limit."""

    def begin(self, service: str, request: str) -> Call:
        """Record a call that begins now; whoever makes it sets its status, and says when it ends."""


class _Sending(NamedTuple):
    """What is sent."""

    method: Literal["GET", "POST"]
    url: URL
    shown: str
    body: bytes | None
    headers: Mapping[str, str]
    record: Recording


class Backend:
    """A backend with a connection pool of its own, so that a hung one never takes another's connections."""

    def __init__(
        self,
        service: str,
        base_url: str,
        session: aiohttp.ClientSession,
        *,
        timeout_seconds: float,
        answer_bytes: int,
        retries: int = 0,
        hedges: bool = False,
        calls: CallMetrics | None = None,
    ) -> None:
        self.service = service
        self.base_url = base_url.rstrip("/")
        self._base = URL(self.base_url)
        self._session = session
        self._timeouts = Timeouts()
        self._timeout_seconds = timeout_seconds
        self._answer_bytes = answer_bytes
        self._retries = retries
        self.budget = RetryBudget()
        self.breaker = Breaker()
        self._hedging = Hedging() if hedges else None
        self._calls = calls or CallMetrics()

    @classmethod
    @asynccontextmanager
    async def connected(
        cls,
        service: str,
        base_url: str,
        *,
        timeout_seconds: float,
        connections: int,
        answer_bytes: int,
        retries: int = 0,
        hedges: bool = False,
        calls: CallMetrics | None = None,
    ) -> AsyncIterator["Backend"]:
        """A backend for as long as the block runs.

        Cookies are off: aiohttp's own jar would hand one shopper's Set-Cookie to the next.
        """
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections, ttl_dns_cache=60),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept": "application/json", "User-Agent": "storefront-gateway"},
            timeout=aiohttp.ClientTimeout(total=None),  # each call has one of ours
        ) as session:
            backend = cls(
                service,
                base_url,
                session,
                timeout_seconds=timeout_seconds,
                answer_bytes=answer_bytes,
                retries=retries,
                hedges=hedges,
                calls=calls,
            )
            try:
                yield backend
            finally:
                backend.close()

    def close(self) -> None:
        """No call is made any more."""
        self._timeouts.close()

    async def send(
        self,
        method: Literal["GET", "POST"],
        path: str,
        query: str = "",
        *,
        shown: str,
        body: bytes | None = None,
        headers: Mapping[str, str],
        record: Recording,
        rate_limit: RateLimit | None = None,
    ) -> bytes | None:
        """Call a path with its query, both percent-encoded.

        Args:
            method: POST only for look-ups that need a body; nothing here writes.
            path: The backend's own.
            query: Without its question mark.
            shown: Path and query for logs and the journal, without personal data.
            body: JSON.
            headers: Credentials and the API version.
            record: Until when, and where it is written down.
            rate_limit: Of the credential; each attempt waits for its turn.

        Returns:
            The body of a 2xx answer, None for 404.

        A call that broke off (no connection, or 502, 503, 504) is made again, within the deadline and a budget. Where
        the backend is hedged, a GET that takes long has a second one beside it, out of the same budget.

        Raises:
            BackendError: Any other outcome.
        """
        self.budget.deposit()
        sending = _Sending(method, self._url(path, query), shown, body, headers, record)
        for attempt in count():
            if rate_limit is not None and self.breaker.state is not State.OPEN:
                await rate_limit.turn(self.service, record.deadline)
            try:
                if self._hedging is not None and method == "GET" and rate_limit is None:
                    return await self._hedging.first_of(partial(self._guarded, sending), self._may_hedge)
                return await self._guarded(sending)
            except BackendError as failure:
                if rate_limit is not None and isinstance(failure, BackendThrottled):
                    await rate_limit.hold(failure.retry_after_seconds)
                pause = pause_seconds(attempt)
                is_worth_it = isinstance(failure, BackendBroken) and record.deadline.remaining_seconds() > pause
                if attempt >= self._retries or not is_worth_it or not self.budget.withdraw():
                    raise
            await asyncio.sleep(pause)
        raise AssertionError("count() never ends")

    def _url(self, path: str, query: str) -> URL:
        base = self._base
        # Of parts that are encoded already: a third of what it takes to read a whole one.
        return URL.build(
            scheme=base.scheme,
            authority=base.raw_authority,
            path=base.raw_path.rstrip("/") + path,
            query_string=query,
            encoded=True,
        )

    @property
    def hedged(self) -> int:
        """How many second calls have been made beside slow ones."""
        return self._hedging.made if self._hedging else 0

    def _may_hedge(self) -> bool:
        """A second call is made of what retries may cost, and only while the backend is well."""
        return self.breaker.state is State.CLOSED and self.budget.withdraw()

    async def _guarded(self, sending: _Sending) -> bytes | None:
        """One attempt, unless the backend is known to be down; written down however it ends."""
        seconds = min(self._timeout_seconds, sending.record.deadline.remaining_seconds() - MARGIN_SECONDS)
        if seconds <= 0:
            raise BackendTimeout(self.service, cause="the deadline had passed before it was asked")
        if not self.breaker.admits():
            raise BackendError(self.service, cause="its breaker is open")
        call = sending.record.begin(self.service, f"{sending.method} {sending.shown}")
        failed, outcome = None, "cancelled"
        try:
            answer = await self._attempt(sending, call, seconds)
        except BackendError as failure:
            failed, outcome = self._says_of_it(failure, seconds), outcome_of(failure)
            call.end()
            self._log(failure, call)
            raise
        else:
            failed, outcome = False, "not_found" if answer is None else "ok"
            return answer
        finally:
            call.end()
            self._calls.count(self.service, sending.method, sending.shown, outcome, call.duration_ms / 1_000)
            self._told(failed=failed)

    def _says_of_it(self, failure: BackendError, seconds: float) -> bool | None:
        """Whether a failure is the backend's; None where it says nothing about it."""
        if isinstance(failure, BackendTimeout):
            # Who gave it less time than it may take says nothing about it.
            return True if seconds >= min(self._timeout_seconds, 1.0) else None
        return not isinstance(failure, BackendRejected | BackendThrottled | BackendMalformed)

    def _told(self, *, failed: bool | None) -> None:
        """How a call ended; None where that says nothing about the backend."""
        if failed is None:
            self.breaker.forget()
        elif (state := self.breaker.record(failed=failed)) is not None:
            logger.warning("breaker", service=self.service, state=state.value)

    async def _attempt(self, sending: _Sending, call: Call, seconds: float) -> bytes | None:
        timeout = self._timeouts.begin(seconds)
        try:
            response = await self._session.request(
                sending.method,
                sending.url,
                data=sending.body,
                headers={**sending.headers, "X-Timeout-Ms": str(int(seconds * 1_000))},
                allow_redirects=False,
            )
            try:
                call.status = response.status
                return await body_of(self.service, response, most_bytes=self._answer_bytes)
            finally:
                # One that was read to its end has let go of its connection.
                if not response.closed:
                    response.release()
        except asyncio.CancelledError:
            if not timeout.is_why():
                raise
            raise BackendTimeout(self.service, cause=f"no answer in {seconds:.3f} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise BackendBroken(self.service, cause=type(error).__name__) from None
        finally:
            self._timeouts.discard(timeout)

    def _log(self, failure: BackendError, call: Call) -> None:
        # One line a call, however many fields of the answer it costs.
        logger.warning(
            "backend call failed",
            service=self.service,
            code=failure.code,
            cause=failure.cause,
            request=re.sub(r"\?.*", "", call.request),
            duration_ms=round(call.duration_ms, 1),
        )
