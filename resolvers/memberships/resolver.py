"""The memberships domain as one request reads it."""

from propcache.api import cached_property

from gateway.upstream import Loader, Loads, Page, PageKey, Upstream
from resolvers.batches import first
from resolvers.memberships import backend
from resolvers.memberships.models import Membership, MembershipProgram


class Memberships:
    """Loaders over memberships and their programmes."""

    def __init__(self, upstream: Upstream, loads: Loads) -> None:
        self._upstream = upstream
        self._loads = loads

    @cached_property
    def pages_by_customer(self) -> Loader[PageKey, Page[Membership]]:
        """A page of the viewer's memberships, ended ones too."""
        return Loader(self._upstream.looking_up(backend.MEMBERSHIPS_BY_CUSTOMER), self._loads)

    @cached_property
    def by_id(self) -> Loader[int, Membership]:
        """One membership of the viewer's."""
        return Loader(self._upstream.looking_up(backend.MEMBERSHIPS_BY_ID), self._loads)

    @cached_property
    def programs_by_id(self) -> Loader[int, MembershipProgram]:
        """Programmes with their benefits."""
        return Loader(self._upstream.picking(backend.PROGRAMS_BY_ID, first), self._loads)
