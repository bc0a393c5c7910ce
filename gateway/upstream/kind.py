"""What every kind of look-up has in common: where rows are, and whose they are."""

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import msgspec
import structlog

from gateway.errors import BackendError
from gateway.upstream import tags
from gateway.upstream.ask import Ask
from gateway.upstream.bulk import BulkForm
from gateway.upstream.calls import Calls
from gateway.upstream.policy import Policy
from gateway.upstream.tenant import Tenant

logger = structlog.get_logger(__name__)

K = TypeVar("K", bound=Hashable)
R = TypeVar("R", bound=msgspec.Struct)
V = TypeVar("V")
V_co = TypeVar("V_co", covariant=True)


@dataclass(frozen=True, kw_only=True, eq=False)
class Kind(Generic[K, R, V_co]):
    """A look-up as data: keys K, rows R, and for each key a value V. Made once, since what is kept is kept by it."""

    path: str
    """`{key}` stands for the key, where the path carries it."""
    rows: str
    """The JSON key that wraps the answer."""
    into: type[R]
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    policy: Policy | None = None
    """How long answers are kept, and for whom. Without one nothing is, and an answer is for the shopper who asked."""
    tag: tags.Kind | None = None
    """What lets go of kept answers when it changes, beside the customer whose they are."""
    gid: str = ""
    """The global id of what is asked for, to say that it is shown stale: a template with `key`, `owner` (of a page),
    `customer_id` and `shop_id`."""
    customer: Callable[[R], int | None] | None = None
    """For private rows: the customer a row belongs to. A row of anyone but the viewer is dropped as foreign."""
    bulk: BulkForm | None = None
    """How the same rows are asked for by many keys, where the backend offers it."""

    @abstractmethod
    async def fetch(self, calls: Calls, asks: Sequence[Ask[K]]) -> Mapping[Ask[K], V_co | Exception]:
        """Look asks up, of one backend: a single one, or several that merge. What is left out does not exist."""

    @abstractmethod
    def merges(self, ask: Ask[K]) -> bool:
        """Whether one call can carry this ask beside others."""

    @property
    @abstractmethod
    def value(self) -> Any:
        """The type of V, for who keeps values as bytes."""

    @property
    def is_public(self) -> bool:
        """The same for every shopper of the shop. Else an answer is for the shopper who asked, whoever else asks."""
        return self.policy is not None and self.policy.is_public

    def tags(self, ask: Ask[K]) -> tuple[str, ...]:
        """What an answer is kept under, so that it goes when one of them changes."""
        shop = ask.tenant.shop
        own = () if ask.customer_id is None else (tags.tag(shop, "customer", ask.customer_id),)
        if self.tag is None:
            return own
        return *own, tags.tag(shop, self.tag, ask.key if self.tag in tags.KEYED else "")

    def gid_of(self, ask: Ask[K]) -> str:
        """The global id of what an ask is about."""
        return self.gid.format(
            key=ask.key,
            owner=getattr(ask.key, "owner", None),
            customer_id=ask.customer_id,
            shop_id=ask.tenant.shop_id,
        )

    def is_nobodys(self, customer_id: int | None) -> bool:
        """Whether these are private rows and there is no shopper: nothing can be his, so no backend is asked."""
        return self.customer is not None and customer_id is None

    def lane(self, ask: Ask[K]) -> Hashable:
        """What asks must have in common to travel in one call."""
        tenant = ask.tenant
        if tenant.sessions is not None and ask.customer_id is not None:
            return self, tenant, ask.customer_id
        if self.bulk is not None and tenant.bulk == "fleet":
            return self, tenant.backend, tenant.fleet
        return self, tenant

    def is_foreign(self, ask: Ask[Any], row: R) -> bool:
        """Whether a row is somebody else's; then it is logged as a fault of the backend."""
        if self.customer is None or (owner := self.customer(row)) == ask.customer_id:
            return False
        log_foreign(ask.tenant, self.rows, known=owner is not None)
        return True


async def alone(ask: Ask[K], finding: Awaitable[V | None]) -> dict[Ask[K], V | Exception]:
    """What was found for an ask that has a call of its own, or why nothing was."""
    try:
        value = await finding
    except BackendError as error:
        return {ask: error}
    return {} if value is None else {ask: value}


async def together(parts: Iterable[Coroutine[Any, Any, V]]) -> list[V]:
    """All of them at once; a single one without a task of its own."""
    parts = list(parts)
    return [await parts[0]] if len(parts) == 1 else await asyncio.gather(*parts)


def log_foreign(tenant: Tenant, rows: str, *, known: bool) -> None:
    """Log a row that is dropped."""
    # A fault of the backend. Ids of other customers stay out of the log as they stay out of the answer.
    logger.error("foreign row dropped", service=tenant.service, rows=rows, owner_known=known)
