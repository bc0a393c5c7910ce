"""What a service is made of."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field

from sqlalchemy import MetaData, Table
from starlette.datastructures import State
from starlette.routing import BaseRoute

from backends.store.chance import Tables, World
from backends.webhooks import Subject
from backends.wire.calls import Handler
from backends.wire.dialects import Dialect
from backends.wire.limits import Bucket


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service as data."""

    dialect: Dialect
    tables: MetaData
    routes: Sequence[BaseRoute]
    seed: Callable[[World], Tables]
    """Rows by the name of their table, parents before children."""
    bucket: Bucket
    """What a token may ask when there is a limit."""
    fleet: Mapping[str, Handler] = field(default_factory=dict)
    """Lists that can be asked for many shops at once."""
    subjects: Sequence[Subject] = ()
    """Whose changes webhooks tell of; a service that has some has the tables of `define_webhooks`."""
    lock_table: Table | None = None
    """Whose rows are locked while something that belongs to them changes."""
    opening: Callable[[State], AbstractAsyncContextManager[None]] = lambda _: nullcontext()
    """What is open for as long as the service runs; it may put things into the state."""
