"""One backend as one request may use it."""

from collections.abc import Callable, Coroutine, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, Self, TypeVar

from gateway.deferred import Deferred
from gateway.upstream.ask import Ask
from gateway.upstream.cache import Cache
from gateway.upstream.deadline import Deadline
from gateway.upstream.journal import Journal
from gateway.upstream.kind import Kind
from gateway.upstream.reading import Looking, Reading
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
        found: Deferred[Mapping[K, V | Exception]] = Deferred()
        looking = self.look_up(keys, found.set)
        try:
            return await found
        finally:
            if looking is not None:
                looking.cancel()

    def look_up(self, keys: Sequence[K], found: Callable[[Mapping[K, V | Exception]], None]) -> Looking | None:
        """The same without a coroutine: `found` is told, later or at once.

        Returns:
            What it can be cancelled with, so that nobody is told; None where that has been done already.
        """
        upstream, kind = self.upstream, self.kind
        if not keys:
            found({})
            return None
        if kind.is_nobodys(upstream.customer_id):
            upstream.journal.is_private = True
            found({})
            return None
        # What is the same for every shopper is asked for by nobody in particular, and so with the shop's credential.
        tenant, customer_id = upstream.tenant, None if kind.is_public else upstream.customer_id
        reading = Reading(
            kind,
            [Ask(tenant, customer_id, key) for key in keys],
            upstream.deadline,
            upstream.journal,
            partial(self._hand_out, found),
            upstream.is_fresh,
        )
        return upstream.cache.look_up(reading)

    def _hand_out(
        self, tell: Callable[[Mapping[K, V | Exception]], None], found: Mapping[Ask[K], Any | Exception]
    ) -> None:
        pick = self.pick
        told: dict[K, V | Exception] = {}
        for ask, answer in found.items():
            told[ask.key] = answer
            if pick is not None and not isinstance(answer, Exception):
                try:
                    told[ask.key] = pick(answer)
                except Exception as error:  # noqa: BLE001  # whoever waits has to be told, whatever fails
                    told[ask.key] = error
        tell(told)

    def known(self, key: K) -> V | None:
        """The value of a key that is at hand: kept in the process, the same for every shopper, and fresh."""
        upstream = self.upstream
        answer = upstream.cache.known(self.kind, Ask(upstream.tenant, None, key), upstream.journal)
        return answer if answer is None or self.pick is None else self.pick(answer)
