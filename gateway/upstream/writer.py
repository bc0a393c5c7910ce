"""Writes to one backend over HTTP: each is sent once, and what became of it is told or called unknown."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

import aiohttp
import structlog
from yarl import URL

from gateway.errors import BackendError, BackendTimeout, OutcomeUnknown
from gateway.metrics import CallMetrics, outcome_of
from gateway.upstream.client import Recording
from gateway.upstream.journal import Call

logger = structlog.get_logger(__name__)

Method = Literal["POST", "PUT", "DELETE"]


@dataclass(frozen=True, slots=True)
class Answered:
    """What a backend said to a write: carried out (2xx), or refused (3xx, 4xx) and not carried out."""

    status: int
    body: bytes
    retry_after: str | None = None
    """The header as it came."""

    @property
    def is_done(self) -> bool:
        """Whether it was carried out."""
        return 200 <= self.status < 300


class Writer:
    """A backend's way in for writes, with connections of its own.

    Each write has a new connection: one that was kept may be closed by the backend at the very moment at which it is
    used again, and then nobody knows whether the write arrived.
    """

    def __init__(
        self,
        service: str,
        base_url: str,
        session: aiohttp.ClientSession,
        *,
        timeout_seconds: float,
        answer_bytes: int,
        calls: CallMetrics | None = None,
    ) -> None:
        self.service = service
        self._base_url = base_url.rstrip("/")
        self._session = session
        self._timeout_seconds = timeout_seconds
        self._answer_bytes = answer_bytes
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
        calls: CallMetrics | None = None,
    ) -> AsyncIterator["Writer"]:
        """A writer for as long as the block runs; `connections` are the most writes at once."""
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections, ttl_dns_cache=60, force_close=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept": "application/json", "User-Agent": "storefront-gateway"},
        ) as session:
            yield cls(
                service, base_url, session, timeout_seconds=timeout_seconds, answer_bytes=answer_bytes, calls=calls
            )

    async def send(
        self,
        method: Method,
        target: str,
        *,
        shown: str,
        body: bytes | None,
        headers: Mapping[str, str],
        record: Recording,
    ) -> Answered:
        """Send a write, once; the arguments are those of `Backend.send`.

        Raises:
            BackendTimeout: The deadline had passed; nothing was sent.
            BackendError: There was no connection; nothing was sent.
            OutcomeUnknown: It was sent and not answered, or the backend broke over it.
        """
        remaining = record.deadline.remaining_seconds()
        if remaining <= 0:
            raise BackendTimeout(self.service, cause="the deadline had passed before a write was sent")
        call = record.begin(self.service, f"{method} {shown}")
        outcome = "cancelled"
        try:
            answer = await self._attempt(method, target, body, headers, call, min(self._timeout_seconds, remaining))
            outcome = "ok" if answer.is_done else "refused"
        except BackendError as failure:
            outcome = outcome_of(failure)
            call.end()
            logger.warning(
                "backend write failed",
                service=self.service,
                code=failure.code,
                cause=failure.cause,
                request=f"{method} {shown.partition('?')[0]}",
                duration_ms=round(call.duration_ms, 1),
            )
            raise
        else:
            return answer
        finally:
            call.end()
            self._calls.count(self.service, method, shown, outcome, call.duration_ms / 1_000)

    async def _attempt(
        self, method: Method, target: str, body: bytes | None, headers: Mapping[str, str], call: Call, seconds: float
    ) -> Answered:
        try:
            async with self._session.request(
                method,
                URL(self._base_url + target, encoded=True),
                data=body,
                headers={**headers, "Content-Type": "application/json"},
                timeout=aiohttp.ClientTimeout(total=seconds),
                allow_redirects=False,
                middlewares=(_Once(),),
            ) as response:
                call.status = response.status
                if response.status >= 500:
                    raise OutcomeUnknown(self.service, cause=f"status {response.status}")
                content = await self._read(response)
                return Answered(response.status, content, response.headers.get("Retry-After"))
        except aiohttp.ClientConnectorError as error:
            raise BackendError(self.service, cause=type(error).__name__) from None
        except TimeoutError:
            raise OutcomeUnknown(self.service, cause=f"no answer in {seconds:.3f} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise OutcomeUnknown(self.service, cause=type(error).__name__) from None

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > self._answer_bytes:
                # Carried out or refused, as the status says; what it says beyond that is not read.
                return b""
        return bytes(body)


class _Once:
    """aiohttp by itself sends a PUT or DELETE again when its connection breaks; a write is never sent twice."""

    def __init__(self) -> None:
        self._failure: Exception | None = None

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Send it, unless that failed before."""
        if self._failure is not None:
            raise self._failure
        try:
            return await handler(request)
        except (aiohttp.ClientError, OSError) as error:
            self._failure = error
            raise
