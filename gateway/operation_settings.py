"""The settings of operations: which there may be, and how much one may ask for."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Literal

from pydantic import Field

from gateway.settings_group import Group


class LimitSettings(Group):
    """How much one request may ask for."""

    body_bytes: int = Field(default=32_768, gt=0)
    """Largest request body; above it 413 with LIMIT_EXCEEDED."""
    header_bytes: int = Field(default=16_384, ge=1_024)
    """Largest request line and headers; above it 431 with LIMIT_EXCEEDED. A change needs a restart."""
    document_tokens: int = Field(default=1_000, gt=0)
    """Most lexical tokens of a document; above it LIMIT_EXCEEDED. The portal's own document has about 170."""
    depth: int = Field(default=10, gt=0)
    """Most fields below each other; above it LIMIT_EXCEEDED, as for all that follow. The bundle builder's document has
    nine."""
    aliases: int = Field(default=30, ge=0)
    """Most aliases of an operation, those of fragments counted wherever they are spread."""
    root_fields: int = Field(default=20, gt=0)
    """Most fields at the top of an operation."""
    directives: int = Field(default=8, ge=0)
    """Most directives of an operation."""
    operations: int = Field(default=10, gt=0)
    """Most operations of a document. Clients send one; an editor such as GraphiQL sends all that are in it."""
    page_size: int = Field(default=100, gt=0)
    """Longest list that an argument may ask for, such as `first` or `ids`."""
    cost: int = Field(default=5_000, gt=0)
    """Most that an operation may cost: about the number of objects that it may return, by the schema's `@cost` and
    `@listSize`. The bundle builder's document costs about half of it."""
    documents_kept: int = Field(default=500, gt=0)
    """How many parsed documents are kept, fewer where they are large; the least recently used goes first."""


class OperationSettings(Group):
    """How one GraphQL operation runs."""

    deadline_seconds: float = Field(default=10.0, gt=0, le=60)
    """Longest time for one operation; backend calls get what remains of it."""
    merged_calls_at_once: int = Field(default=2, gt=0, le=100)
    """While so many calls of one kind to one shop's backend (or to the fleet's) are under way, further look-ups wait
    and travel together in the next. Fewer calls the smaller it is, less waiting the larger."""
    manifests: tuple[Path, ...] = ()
    """Files of trusted documents, as code generators write them (graphql-codegen's client preset, Relay, Apollo), or
    folders of them. Clients send a document's `documentId` instead of its text."""
    introspection: Literal["open", "scope"] = "open"
    """Who may ask the schema for itself by `__schema` and `__type`: everybody, or sessions with the scope
    `introspection`. Trusted documents may."""
    safelist: Literal["off", "report", "enforce"] = "off"
    """Which documents run: with `enforce` only trusted ones, with `report` all, and the log names the others once each.
    A session with the scope `adhoc` may send any."""
    persisted_queries: bool = True
    """Whether clients may register documents by digest (automatic persisted queries), to save bytes."""
    persisted_queries_kept: int = Field(default=200, gt=0, le=100_000)
    """How many of those are kept for each shop; the oldest goes first."""
    persisted_queries_seconds: float = Field(default=86_400, gt=0)
    """For how long one is kept."""


class OverloadSettings(Group):
    """What is refused when more is asked than a process can answer, with 503, OVERLOADED and `Retry-After`.

    Answers that are kept as bytes are always given.
    """

    lag_seconds: float = Field(default=0.04, ge=0, le=10)
    """How late the event loop may come to what is ready. While it comes later, such a share of queries is refused that
    it keeps to it; what is important is refused only beyond five times as much. An operation that takes several turns
    is that much slower several times. 0 refuses nothing."""
    interval_seconds: float = Field(default=0.1, ge=0.02, le=10)
    """For how long it has to come later, and get no better, before anything is refused."""
    important_operations: tuple[str, ...] = ()
    """Operations that are as important as mutations, such as those of a checkout, by name. Names count in trusted
    documents only: in any other they are anybody's to choose."""


class ThrottleSettings(Group):
    """How much may be asked for within a time, in the cost of operations. What an answer did not need is given back.

    Without a capacity there is no quota. With `redis.url` all processes share them.
    """

    session_capacity: float | None = Field(default=None, gt=0)
    """Most that one session can ask for at once, such as 10000. Above it 429 with `Retry-After`, as for the others."""
    session_per_second: float = Field(default=500.0, gt=0)
    """What a session gets back each second."""
    tool_capacity: float | None = Field(default=None, gt=0)
    """The same for an internal tool, over all shops and customers. Without it what a tool asks for is its shop's."""
    tool_per_second: float = Field(default=500.0, gt=0)
    """What a tool gets back each second."""
    shop_capacity: float | None = Field(default=None, gt=0)
    """The same for all of a shop's sessions and visitors together."""
    shop_per_second: float = Field(default=50_000.0, gt=0)
    """What a shop gets back each second."""
    address_capacity: float | None = Field(default=None, gt=0)
    """The same for visitors without a session, by their address."""
    address_per_second: float = Field(default=500.0, gt=0)
    """What an address gets back each second."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks of proxies that say who the buyer is, in `Shopify-Storefront-Buyer-IP` or as the last of
    `X-Forwarded-For`; from anybody else the headers mean nothing."""
    processes: int = Field(default=1, gt=0)
    """How many processes there are in all. While Redis is away each has this part of every quota, and of the rates of
    backends' tokens."""
