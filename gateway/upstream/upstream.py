"""One backend as one request may use it."""

from collections.abc import Callable, Coroutine, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from gateway.upstream.ask import Ask
from gateway.upstream.cache import Cache
from gateway.upstream.deadline import Deadline
from gateway.upstream.journal import Journal
from gateway.upstream.kind import Kind
from gateway.upstream.tenant import Tenant

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

Batch = Callable[[Sequence[K]], Coroutine[Any, Any, Mapping[K, V | Exception]]]
"""Keys in; out comes what was found, or why it was not. A key that is left out does not exist."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """A shop's backend, bound to the shopper who asks, and to the request's deadline and journal."""

    tenant: Tenant
    customer_id: int | None
    deadline: Deadline
    journal: Journal
    cache: Cache
    is_fresh: bool = False
    """Nothing that may be out of date is good enough, since something is decided on it."""

    @property
    def service(self) -> str:
        """The domain's name, as errors and logs carry it."""
        return self.tenant.service

    def looking_up(self, kind: Kind[K, Any, V]) -> Batch[K, V]:
        """The batch function of a look-up, for a `Loader`."""
        return partial(self._look_up, kind)

    async def _look_up(self, kind: Kind[K, Any, V], keys: Sequence[K]) -> Mapping[K, V | Exception]:
        if kind.is_nobodys(self.customer_id):
            self.journal.is_private = True
            return {}
        # What is the same for every shopper is asked for by nobody in particular, and so with the shop's credential.
        customer_id = None if kind.is_public else self.customer_id
        asks = [Ask(self.tenant, customer_id, key) for key in keys]
        found = await self.cache.fetch(kind, asks, self.deadline, self.journal, is_fresh=self.is_fresh)
        return {ask.key: value for ask, value in found.items()}
