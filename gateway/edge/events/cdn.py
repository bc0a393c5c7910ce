"""The CDN's purge by surrogate key: one plain HTTP request, tried a bounded number of times."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import aiohttp
import structlog

logger = structlog.get_logger(__name__)

TAGS_A_REQUEST = 100
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cdn:
    """Where and how to purge."""

    session: aiohttp.ClientSession
    url: str
    method: str
    """Such as `PURGE` or `POST`."""
    tags_header: str
    """Takes the tags, separated by spaces: `xkey-purge` for Varnish, `Surrogate-Key` for Fastly."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """The credential."""
    timeout_seconds: float
    attempts: int
    again_after_seconds: float = 0.0
    """How long after a purge it is asked for once more; 0 does not."""

    async def purge(self, tags: Sequence[str]) -> None:
        """Purge these tags. What fails each time is a line in the log: the CDN keeps it until its age is over."""
        unique = list(dict.fromkeys(tags))
        for start in range(0, len(unique), TAGS_A_REQUEST):
            await self._purge(unique[start : start + TAGS_A_REQUEST])

    async def _purge(self, tags: Sequence[str]) -> None:
        cause = ""
        for attempt in range(self.attempts):
            if attempt:
                most = min(FIRST_PAUSE_SECONDS * 2**attempt, LONGEST_PAUSE_SECONDS)
                await asyncio.sleep(random.uniform(0, most))  # noqa: S311  # jitter
            try:
                async with self.session.request(
                    self.method,
                    self.url,
                    headers={**self.headers, self.tags_header: " ".join(tags)},
                    timeout=aiohttp.ClientTimeout(total=self.timeout_seconds),
                    allow_redirects=False,
                ) as response:
                    if 200 <= response.status < 300:
                        return
                    cause = f"status {response.status}"
            except (aiohttp.ClientError, OSError) as error:
                # A timeout is an OSError.
                cause = type(error).__name__
        logger.error("the CDN was not purged", tags=len(tags), cause=cause, attempts=self.attempts)
