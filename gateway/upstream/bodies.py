"""From a look-up's HTTP response to its body, or to why there is none."""

import re

import aiohttp

from gateway.errors import BackendBroken, BackendError, BackendMalformed, BackendRejected, BackendThrottled

RETRY_AFTER_SECONDS = 2.0
"""What Recharge asks clients to wait where a 429 carries no Retry-After: its bucket leaks two calls a second."""


async def body_of(service: str, response: aiohttp.ClientResponse, *, most_bytes: int) -> bytes | None:
    """The JSON of a 2xx response; None for 404.

    Args:
        service: The backend's domain, for errors.
        response: Its head is there.
        most_bytes: A longer body is not read.

    Raises:
        BackendError: Any other status, and a body that is too long or of another type.
    """
    if response.status == 404:
        return None
    if not 200 <= response.status < 300:
        raise _refusal(service, response)
    if not _is_json(response.headers.get("Content-Type", "")):
        # Which type it is says the backend, and what it says may be anything.
        raise BackendMalformed(service, cause="not application/json")
    content = response.content
    if content.is_eof():
        # All of it came together with the head, as most answers do.
        body = content.read_nowait()
        if len(body) > most_bytes:
            raise _too_long(service, most_bytes)
        return body
    if (response.content_length or 0) > most_bytes:
        raise _too_long(service, most_bytes)
    # Not one buffer that grows: it would be copied, and for a moment be there twice.
    chunks: list[bytes] = []
    size = 0
    async for chunk in content.iter_any():
        chunks.append(chunk)
        size += len(chunk)
        if size > most_bytes:
            raise _too_long(service, most_bytes)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def retry_after_seconds(header: str | None) -> float:
    """What a 429 asks for in its Retry-After, or what Recharge asks for where it says nothing."""
    return float(header) if header and re.fullmatch(r"\d{1,5}(\.\d+)?", header) else RETRY_AFTER_SECONDS


def _is_json(content_type: str) -> bool:
    """Whether a header says so, whatever it says of the characters."""
    return content_type.partition(";")[0].strip().lower() == "application/json"


def _too_long(service: str, most_bytes: int) -> BackendMalformed:
    return BackendMalformed(service, cause=f"more than {most_bytes} bytes")


def _refusal(service: str, response: aiohttp.ClientResponse) -> BackendError:
    cause = f"status {response.status}"
    if response.status == 429:
        seconds = retry_after_seconds(response.headers.get("Retry-After"))
        return BackendThrottled(service, cause=cause, retry_after_seconds=seconds)
    if 400 <= response.status < 500:
        return BackendRejected(service, cause=cause, status=response.status)
    kind = BackendBroken if response.status in {502, 503, 504} else BackendError
    return kind(service, cause=cause)
