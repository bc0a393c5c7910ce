"""Misbehaviour on demand: slow, failing, hanging, cut off, malformed, wrong."""

import asyncio
import random
import re
from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backends.wire.calls import json_response
from backends.wire.errors import RefusedError
from backends.wire.spoiling import Answer, spoiled
from backends.wire.writes import body_of

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Milliseconds = Annotated[float, msgspec.Meta(ge=0, le=600_000)]
Count = Annotated[int, msgspec.Meta(ge=0, le=250)]


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What happens to requests whose method and path fit."""

    path: str = ""
    """A regular expression that the path must contain; empty for all but `/faults` and `/health`."""
    method: str = ""
    share: Share = 1.0
    """Of the requests that fit, how many are hurt."""
    times: int | None = None
    """After so many hurt requests the fault is over."""
    latency_ms: Milliseconds = 0
    jitter_ms: Milliseconds = 0
    """At most so much more, evenly spread."""
    error_rate: Share = 0.0
    status: Annotated[int, msgspec.Meta(ge=400, le=599)] = 503
    """What the failing ones answer; they change nothing."""
    hang: bool = False
    """No answer at all, until the caller gives up."""
    drop_before_write: bool = False
    """The connection is closed before anything has happened."""
    drop_after_write: bool = False
    """The connection is closed when everything has happened."""
    hold_ms: Milliseconds = 0
    """A write keeps its address locked so long before it begins."""
    malformed: bool = False
    """The body ends in the middle."""
    wrong_rows: Count = 0
    """So many rows of a list get values of other types."""
    foreign_rows: Count = 0
    """So many rows of other customers and of another shop are added to each list."""


class Faults:
    """The faults that are in force."""

    def __init__(self) -> None:
        self.rules: list[Fault] = []
        self.hurt: dict[int, int] = {}

    def put(self, rules: list[Fault]) -> None:
        """These and no others."""
        self.rules = rules
        self.hurt = {}

    def find(self, method: str, path: str) -> Fault | None:
        """The first one that fits; it counts as used."""
        for place, rule in enumerate(self.rules):
            used = self.hurt.get(place, 0)
            if rule.times is not None and used >= rule.times:
                continue
            if rule.method.upper() in {"", method} and re.search(rule.path, path) and random.random() < rule.share:  # noqa: S311 - chance for tests, guards nothing
                self.hurt[place] = used + 1
                return rule
        return None

    async def hold(self, path: str) -> None:
        """Waits inside a write for as long as a fault says."""
        for rule in self.rules:
            if rule.hold_ms and re.search(rule.path, path):
                await asyncio.sleep(rule.hold_ms / 1_000)


class Misbehaving:
    """An application with faults in front of it; it must be the one that the server calls."""

    def __init__(self, app: ASGIApp, faults: Faults, tokens: dict[str, str]) -> None:
        self.app = app
        self.faults = faults
        self.tokens = tokens
        """Another shop's token for each token, to find foreign rows with."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, or fails to."""
        path = scope.get("path", "")
        spared = scope["type"] != "http" or path in {"/faults", "/health"}
        fault = None if spared else self.faults.find(scope["method"], path)
        if fault is None:
            await self.app(scope, receive, send)
            return
        await asyncio.sleep((fault.latency_ms + random.uniform(0, fault.jitter_ms)) / 1_000)  # noqa: S311 - as above
        if fault.hang:
            await gone(receive)
        elif fault.drop_before_write:
            await drop(receive, send)
        elif random.random() < fault.error_rate:  # noqa: S311 - as above
            response = json_response({"errors": "This failure was asked for"}, fault.status)
            await response(scope, receive, send)
        elif fault.drop_after_write:
            await self.app(scope, receive, _swallow)
            await drop(receive, send)
        elif fault.malformed or fault.wrong_rows or fault.foreign_rows:
            answer = Answer()
            await self.app(scope, receive, answer.take)
            await spoiled(self.app, scope, answer, fault, self.tokens)
            await answer.give(send)
        else:
            await self.app(scope, receive, send)


async def gone(receive: Receive) -> None:
    """Returns when the caller has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def drop(receive: Receive, send: Send) -> None:
    """Closes the connection without an answer; `send` must be the server's own."""
    server: Any = send.__self__  # type: ignore[attr-defined]
    server.transport.abort()
    await gone(receive)


async def _swallow(message: Message) -> None:
    """What the caller will never see."""


def fault_routes(faults: Faults) -> list[Route]:
    """`GET`, `PUT` and `DELETE /faults`."""

    async def control(request: Request) -> Response:
        if request.method == "PUT":
            sent = await body_of(request)
            try:
                found = msgspec.convert(sent if isinstance(sent, list) else [sent], list[Fault])
                for rule in found:
                    re.compile(rule.path)
            except (msgspec.ValidationError, re.error) as error:
                raise RefusedError(422, {"faults": [str(error)]}) from error
            faults.put(found)
        elif request.method == "DELETE":
            faults.put([])
        return json_response({"faults": faults.rules})

    return [Route("/faults", control, methods=["GET", "PUT", "DELETE"])]
