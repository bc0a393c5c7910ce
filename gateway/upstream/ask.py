"""A key with the scope that it is asked in."""

from typing import Generic, NamedTuple, TypeVar

from gateway.upstream.tenant import Tenant

K = TypeVar("K")


class Ask(NamedTuple, Generic[K]):
    """What one viewer asks for. Equal asks have one answer; an answer to another is never handed out for this one."""

    tenant: Tenant
    customer_id: int | None
    """The shopper whose rows these may be; None for what is the same for every shopper of the shop."""
    key: K
