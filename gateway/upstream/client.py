"""One backend over HTTP: a call under a deadline that comes back as bytes or as one of our errors."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Literal, NoReturn, Protocol

import aiohttp
import structlog
from yarl import URL

from gateway.errors import (
    BackendError,
    BackendMalformed,
    BackendRejected,
    BackendThrottled,
    BackendTimeout,
)
from gateway.upstream.deadline import Deadline
from gateway.upstream.journal import Call

logger = structlog.get_logger(__name__)

RETRY_AFTER_SECONDS = 2.0
"""What Recharge asks clients to wait where a 429 carries no Retry-After: its bucket leaks two calls a second."""


MARGIN_SECONDS = 0.02
"""How long before an operation's deadline its calls have to be over."""


class Recording(Protocol):
    """What calls are made for: until when, and where they are written down."""

    @property
    def deadline(self) -> Deadline:
        """The operation's; a call gets the shorter of what remains and the backend's own limit."""

    def calling(self, service: str, request: str) -> AbstractContextManager[Call]:
        """Record a call for as long as the block runs."""


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
    ) -> None:
        self.service = service
        self.base_url = base_url.rstrip("/")
        self._session = session
        self._timeout_seconds = timeout_seconds
        self._answer_bytes = answer_bytes

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
    ) -> AsyncIterator["Backend"]:
        """A backend for as long as the block runs.

        Cookies are off: aiohttp's own jar would hand one shopper's Set-Cookie to the next.
        """
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections, ttl_dns_cache=60),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept": "application/json", "User-Agent": "storefront-gateway"},
        ) as session:
            yield cls(service, base_url, session, timeout_seconds=timeout_seconds, answer_bytes=answer_bytes)

    async def send(
        self,
        method: Literal["GET", "POST"],
        target: str,
        *,
        shown: str,
        body: bytes | None = None,
        headers: Mapping[str, str],
        record: Recording,
    ) -> bytes | None:
        """Call a path with its query, both percent-encoded.

        Args:
            method: POST only for look-ups that need a body; nothing here writes.
            target: Path and query.
            shown: The same for logs and the journal, without personal data.
            body: JSON.
            headers: Credentials and the API version.
            record: Until when, and where it is written down.

        Returns:
            The body of a 2xx answer, None for 404.

        Raises:
            BackendError: Any other outcome.
        """
        # What is left over is for making an answer of it.
        remaining = record.deadline.remaining_seconds() - MARGIN_SECONDS
        seconds = min(self._timeout_seconds, remaining)
        timeout = aiohttp.ClientTimeout(total=max(seconds, 0.001))
        with record.calling(self.service, f"{method} {shown}") as call:
            try:
                if remaining <= 0:
                    raise TimeoutError  # noqa: TRY301  # as if the call had been made and cut
                async with self._session.request(
                    method,
                    URL(self.base_url + target, encoded=True),
                    data=body,
                    headers={**headers, "X-Timeout-Ms": str(int(seconds * 1_000))},
                    timeout=timeout,
                    allow_redirects=False,
                ) as response:
                    call.status = response.status
                    if response.status == 404:
                        return None
                    if not 200 <= response.status < 300:
                        self._refuse(response)
                    return await self._read(response)
            except TimeoutError:
                failure: BackendError = BackendTimeout(self.service, cause=f"no answer in {timeout.total:.3f} s")
            except (aiohttp.ClientError, OSError) as error:
                failure = BackendError(self.service, cause=type(error).__name__)
            except BackendError as error:
                failure = error
        self._log(failure, call)
        raise failure

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        if response.content_type != "application/json":
            raise BackendMalformed(self.service, cause=f"content type {response.content_type}")
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > self._answer_bytes:
                raise BackendMalformed(self.service, cause=f"more than {self._answer_bytes} bytes")
        return bytes(body)

    def _refuse(self, response: aiohttp.ClientResponse) -> NoReturn:
        cause = f"status {response.status}"
        if response.status == 429:
            seconds = retry_after_seconds(response.headers.get("Retry-After"))
            raise BackendThrottled(self.service, cause=cause, retry_after_seconds=seconds)
        if 400 <= response.status < 500:
            raise BackendRejected(self.service, cause=cause, status=response.status)
        raise BackendError(self.service, cause=cause)

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


def retry_after_seconds(header: str | None) -> float:
    """What a 429 asks for in its Retry-After, or what Recharge asks for where it says nothing."""
    return float(header) if header and re.fullmatch(r"\d{1,5}(\.\d+)?", header) else RETRY_AFTER_SECONDS
