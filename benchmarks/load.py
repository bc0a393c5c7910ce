"""Requests over keep-alive connections, each answer checked: closed loop, or open loop at a rate."""

import asyncio
import gc
import json
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httptools

from benchmarks.operations import Request
from benchmarks.reference import differences

COMPARED_EVERY = 97
"""One answer of so many is compared field by field; all others are checked quickly."""
ERRORS_KEPT = 5
GRACE_SECONDS = 30
"""How long answers may still come after the end."""
LATE_SECONDS = 5
"""The same for an open loop, where a server that cannot keep up would answer for minutes."""


@dataclass(slots=True)
class Outcome:
    """What came of a load."""

    durations_seconds: list[float] = field(default_factory=list)
    errors: int = 0
    first_errors: list[str] = field(default_factory=list)
    elapsed_seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    """How often each status came."""
    unanswered: int = 0
    """Of an open loop: how many had no answer a few seconds after the last was due."""
    late_seconds: list[float] = field(default_factory=list)
    """Of an open loop: how late it was itself, each time it came to send."""

    def fail(self, what: str) -> None:
        """Count an error; the first few are kept to be shown."""
        self.errors += 1
        if len(self.first_errors) < ERRORS_KEPT:
            self.first_errors.append(what)


class _Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self, outcome: Outcome, done: Callable[["_Connection"], None]) -> None:
        self._outcome = outcome
        self._done = done
        self._transport: Any = None
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._request: Request | None = None
        self._began = 0.0
        self._is_complete = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio's."""
        self._transport = transport

    def connection_lost(self, _exc: Exception | None) -> None:
        """Asyncio's."""
        self._transport = None
        if self._request is not None:
            self._outcome.fail("the connection was closed before the answer")
            self._request = None
            self._done(self)

    @property
    def is_open(self) -> bool:
        """Whether it can carry another request."""
        return self._transport is not None

    def send(self, request: Request, began: float) -> None:
        """Ask; the time counts from `began`."""
        self._request, self._began = request, began
        self._transport.write(request.data)

    def close(self) -> None:
        """Close it."""
        self._request = None
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Asyncio's."""
        self._parser.feed_data(data)
        if self._is_complete:
            self._is_complete = False
            self._done(self)

    def on_body(self, body: bytes) -> None:
        """The parser's."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """The parser's."""
        ended = time.perf_counter()
        body = b"".join(self._body)
        self._body.clear()
        request, self._request = self._request, None
        self._is_complete = True
        if request is None:
            self._outcome.fail("an answer that nobody asked for")
            return
        outcome = self._outcome
        outcome.durations_seconds.append(ended - self._began)
        status = self._parser.get_status_code()
        outcome.statuses[status] += 1
        if status not in request.statuses or not request.is_right(body):
            outcome.fail(f"{status}: {body[:200]!r}")
        elif request.expected is not None and len(outcome.durations_seconds) % COMPARED_EVERY == 1:
            answer = json.loads(body)
            if wrong := differences(request.expected(), answer.get("data")):
                outcome.fail("; ".join(wrong[:3]))


async def closed_loop(port: int, requests: Iterator[Request], *, connections: int, seconds: float) -> Outcome:
    """As many as the server answers, always so many at once, until the time or the requests are over."""
    outcome = Outcome()
    loop = asyncio.get_running_loop()
    finished = loop.create_future()
    began = time.perf_counter()
    until = began + seconds
    busy = connections

    def done(connection: _Connection) -> None:
        nonlocal busy
        is_over = time.perf_counter() >= until or not connection.is_open or outcome.errors >= ERRORS_KEPT
        request = None if is_over else next(requests, None)
        if request is not None:
            connection.send(request, time.perf_counter())
            return
        busy -= 1
        if not busy and not finished.done():
            finished.set_result(None)

    opened = await _connect(port, connections, partial(_Connection, outcome, done))
    began = time.perf_counter()
    until = began + seconds
    for connection in opened:
        connection.send(next(requests), time.perf_counter())
    try:
        async with asyncio.timeout(seconds + GRACE_SECONDS):
            await finished
    except TimeoutError:
        outcome.fail(f"answers are missing {GRACE_SECONDS} s after the end")
    outcome.elapsed_seconds = time.perf_counter() - began
    for connection in opened:
        connection.close()
    return outcome


async def open_loop(
    port: int, requests: Iterator[Request], *, rate: float, seconds: float, connections: int
) -> Outcome:
    """So many a second, whether or not the answers keep up: a late one counts from when it should have been sent."""
    outcome = Outcome()
    idle: deque[_Connection] = deque()
    waiting: deque[float] = deque()
    busy = 0

    def done(connection: _Connection) -> None:
        nonlocal busy
        if waiting and connection.is_open:
            connection.send(next(requests), waiting.popleft())
        else:
            busy -= 1
            idle.append(connection)

    opened = await _connect(port, connections, partial(_Connection, outcome, done))
    idle.extend(opened)
    sent = 0
    with _collector_off():
        began = time.perf_counter()
        while (now := time.perf_counter()) < began + seconds and outcome.errors < ERRORS_KEPT:
            outcome.late_seconds.append(max(0.0, now - began - sent / rate))
            while sent < (now - began) * rate:
                due = began + sent / rate
                sent += 1
                while idle and not idle[0].is_open:
                    idle.popleft()  # a server closes what was opened and says nothing
                if idle:
                    busy += 1
                    # In turn: one that was idle for long may be closed in the moment in which it is used.
                    idle.popleft().send(next(requests), due)
                else:
                    waiting.append(due)
            await asyncio.sleep(max(0.0, began + sent / rate - time.perf_counter()))
    deadline = time.perf_counter() + LATE_SECONDS
    while busy and time.perf_counter() < deadline:  # noqa: ASYNC110  # once, at the end
        await asyncio.sleep(0.01)
    outcome.unanswered = len(waiting) + busy
    outcome.elapsed_seconds = time.perf_counter() - began
    for connection in opened:
        connection.close()
    return outcome


@contextmanager
def _collector_off() -> Iterator[None]:
    """What the load sends too late, since it collects its own garbage, would count as the server's."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def _connect(port: int, connections: int, make: Callable[[], _Connection]) -> list[_Connection]:
    loop = asyncio.get_running_loop()
    return [(await loop.create_connection(make, "127.0.0.1", port))[1] for _ in range(connections)]
