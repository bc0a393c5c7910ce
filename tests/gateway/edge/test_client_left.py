"""A client that leaves: what was done for it alone is cancelled, down to the backends' calls."""

import asyncio
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from starlette.requests import Request
from starlette.responses import Response

from gateway.presence import ClientLeft, Presence
from tests.conftest import Gateway
from tests.fronts import Front

DOCUMENT = "{ customer { email loyalty { pointsBalance } subscriptions(first: 2) { nodes { id } } } }"


class Held:
    """Calls to some backends, held until they are let go or cut."""

    def __init__(self, *fronts: Front) -> None:
        self.cut = 0
        self.arrived = 0
        self.let_go = asyncio.Event()
        for front in fronts:
            front.before = self._hold

    async def _hold(self, request: Request) -> Response | None:
        self.arrived += 1
        cutting = asyncio.ensure_future(self._cut(request))
        going = asyncio.ensure_future(self.let_go.wait())
        try:
            await asyncio.wait([cutting, going], return_when=asyncio.FIRST_COMPLETED)
            self.cut += cutting.done()
        finally:
            cutting.cancel()
            going.cancel()
        return None

    async def _cut(self, request: Request) -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    async def until(self, *, arrived: int) -> None:
        """Wait until so many have come."""
        async with asyncio.timeout(10):
            while self.arrived < arrived:  # noqa: ASYNC110  # a count, and no event
                await asyncio.sleep(0.005)

    async def until_all_are_cut(self) -> None:
        """Wait until none is under way, and none on its way."""
        async with asyncio.timeout(10):
            seen = -1
            while self.cut < self.arrived or seen < self.arrived:
                seen = self.arrived
                await asyncio.sleep(0.1)


async def asked(gateway: Gateway, customer: int, document: str = DOCUMENT) -> asyncio.StreamWriter:
    """A connection on which a shopper has asked."""
    port = int(gateway.url.rpartition(":")[2])
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    body = json.dumps({"query": document}).encode()
    head = (
        "POST /graphql HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {gateway.token(customer)}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
    return writer


@contextmanager
def silent(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing is worth a warning."""
    with caplog.at_level(logging.WARNING):
        yield
    assert [record.getMessage() for record in caplog.records] == []


async def test_the_calls_of_a_query_are_cancelled(
    gateway: Gateway, shopper: int, caplog: pytest.LogCaptureFixture
) -> None:
    """R22: each call that is under way is cut, none is made after it, and nobody is told of an error."""
    with silent(caplog):
        held = Held(*gateway.fronts.values())
        writer = await asked(gateway, shopper)
        await held.until(arrived=2)
        writer.close()
        await held.until_all_are_cut()
        under_way = gateway.calls
        # The gateway is whole: the next one is answered, by a call of its own.
        held.let_go.set()
        assert (await gateway.ask("{ customer { email } }", customer=shopper)).data["customer"]["email"]
        assert len(gateway.calls) == len(under_way) + 1
        assert held.cut == len(under_way)


async def test_what_another_waits_for_goes_on(gateway: Gateway, shopper: int, caplog: pytest.LogCaptureFixture) -> None:
    """Two requests share a look-up, and the one that began it leaves: the other has its answer from the one call."""
    document = "{ customer { email } }"
    with silent(caplog):
        held = Held(gateway.fronts["subscriptions"])
        writer = await asked(gateway, shopper, document)
        await held.until(arrived=1)
        other = asyncio.create_task(gateway.ask(document, customer=shopper))
        leaving = await asked(gateway, shopper, "{ customer { firstName loyalty { pointsBalance } } }")
        await asyncio.sleep(0.05)  # both have joined, or their calls would be further ones
        writer.close()
        leaving.close()
        await asyncio.sleep(0.05)
        held.let_go.set()
        assert (await other).data["customer"]["email"]
    assert (held.arrived, held.cut) == (1, 0)


async def test_only_what_the_client_ended_counts_as_its_leaving() -> None:
    """A server that stops cancels as well, be it at the same moment: that is not taken back."""
    loop = asyncio.get_running_loop()

    async def forever() -> None:
        await loop.create_future()

    for has_left, is_stopping, outcome in (
        (True, False, ClientLeft),
        (False, True, asyncio.CancelledError),
        (True, True, asyncio.CancelledError),
    ):
        presence = Presence()
        task = loop.create_task(presence.awaiting(forever()))
        await asyncio.sleep(0)
        if has_left:
            presence.left()
        if is_stopping:
            task.cancel()
        with pytest.raises(outcome):
            await task


async def test_nothing_begins_for_one_who_has_left() -> None:
    """It may go while its session is looked up."""
    begun = []

    async def work() -> None:
        begun.append(1)

    presence = Presence()
    presence.left()
    with pytest.raises(ClientLeft):
        await presence.awaiting(work())
    assert begun == []


async def test_one_who_leaves_later_cancels_nothing_else() -> None:
    """The next request of a connection, or what its task does afterwards, is another matter."""
    presence = Presence()
    assert await presence.awaiting(asyncio.sleep(0, "done")) == "done"
    presence.left()
    await asyncio.sleep(0)
