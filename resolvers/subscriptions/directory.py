"""Any of a shop's customers, for those who may read them."""

import re

from propcache.api import cached_property

from gateway.errors import BadUserInput
from gateway.upstream import Loader, Loads, Upstream
from resolvers.batches import first
from resolvers.subscriptions import backend
from resolvers.subscriptions.models import Customer

_EMAIL = re.compile(r"[^\s@,]{1,64}@[^\s@,]{1,189}")


class Directory:
    """Loaders over the subscriptions backend with the shop's own credential: whose rows they are is not looked at."""

    def __init__(self, upstream: Upstream, loads: Loads) -> None:
        self._upstream = upstream.of_shop()
        self._loads = loads

    @cached_property
    def by_id(self) -> Loader[int, Customer]:
        """A customer by id."""
        return Loader(self._upstream.picking(backend.CUSTOMER_RECORDS, first), self._loads)

    @cached_property
    def by_email(self) -> Loader[str, Customer]:
        """A customer by e-mail address, as `address_of` gives it."""
        return Loader(self._upstream.picking(backend.CUSTOMER_RECORDS_BY_EMAIL, first), self._loads)


def address_of(email: str) -> str:
    """An e-mail address as the backend compares them: in lower case.

    Raises:
        BadUserInput: It is none. The message does not repeat it.
    """
    address = email.strip().lower()
    if not _EMAIL.fullmatch(address):
        raise BadUserInput("`email` is no e-mail address.")
    return address
