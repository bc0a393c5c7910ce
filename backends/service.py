"""What a service is made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import MetaData
from starlette.routing import BaseRoute

from backends.store.chance import Tables, World
from backends.wire.dialects import Dialect


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service as data."""

    dialect: Dialect
    tables: MetaData
    routes: Sequence[BaseRoute]
    seed: Callable[[World], Tables]
    """Rows by the name of their table, parents before children."""
