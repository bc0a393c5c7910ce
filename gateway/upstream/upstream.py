"""One backend as one request may use it."""

from collections.abc import Callable, Coroutine, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Self, TypeVar

from gateway.upstream.ask import Ask
from gateway.upstream.cache import Cache
from gateway.upstream.deadline import Deadline
from gateway.upstream.journal import Journal
from gateway.upstream.kind import Kind
from gateway.upstream.tenant import Tenant

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")
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

    def of_shop(self) -> Self:
        """The same for nobody in particular, with the shop's credential: for those who may see any customer's rows."""
        return replace(self, customer_id=None)

    @property
    def service(self) -> str:
        """The domain's name, as errors and logs carry it."""
        return self.tenant.service

    def looking_up(self, kind: Kind[K, Any, V]) -> "LookUps[K, V]":
        """The batch function of a look-up, for a `Loader`."""
        return LookUps(self, kind)

    def picking(self, kind: Kind[K, Any, R], pick: Callable[[R], V]) -> "LookUps[K, V]":
        """The same, where a key's value is picked from its answer."""
        return LookUps(self, kind, pick)


@dataclass(frozen=True, slots=True)
class LookUps(Generic[K, V]):
    """A batch function over one look-up."""

    upstream: Upstream
    kind: Kind[K, Any, Any]
    pick: Callable[[Any], V] | None = None
    """From a key's answer to the value that a loader hands out; None for the answer itself."""

    async def __call__(self, keys: Sequence[K]) -> Mapping[K, V | Exception]:
        """Look keys up."""
        upstream, kind, pick = self.upstream, self.kind, self.pick
        if kind.is_nobodys(upstream.customer_id):
            upstream.journal.is_private = True
            return {}
        # What is the same for every shopper is asked for by nobody in particular, and so with the shop's credential.
        customer_id = None if kind.is_public else upstream.customer_id
        asks = [Ask(upstream.tenant, customer_id, key) for key in keys]
        found = await upstream.cache.fetch(kind, asks, upstream.deadline, upstream.journal, is_fresh=upstream.is_fresh)
        if pick is None:
            return {ask.key: answer for ask, answer in found.items()}
        return {ask.key: answer if isinstance(answer, Exception) else pick(answer) for ask, answer in found.items()}

    def known(self, key: K) -> V | None:
        """The value of a key that is at hand: kept in the process, the same for every shopper, and fresh."""
        upstream = self.upstream
        answer = upstream.cache.known(self.kind, Ask(upstream.tenant, None, key), upstream.journal)
        return answer if answer is None or self.pick is None else self.pick(answer)
