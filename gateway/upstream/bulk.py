"""Look-ups by many keys in one call, for backends that offer them beside the public API."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar

import msgspec

from gateway.errors import BackendMalformed
from gateway.upstream.answers import Answer, ListDecoder
from gateway.upstream.ask import Ask
from gateway.upstream.calls import Calls
from gateway.upstream.tenant import Tenant

K = TypeVar("K")
R = TypeVar("R", bound=msgspec.Struct)

KEYS_A_CALL = 250
"""As many rows as the backends give a page."""


@dataclass(frozen=True, slots=True)
class BulkForm:
    """How rows are asked for by many keys: `GET {path}?{key}=1,2`, or for the fleet `POST {fleet}`."""

    path: str
    key: str
    """The parameter that takes a list, such as `customer_ids`."""
    rows: str
    """The JSON key that wraps the rows."""
    fleet: str
    """The path of the fleet look-up, such as `/bulk/customers`."""
    limits_each: bool = False
    """Whether `limit` counts for each owner. Where it counts for all of them, pages of several are not one call."""


class _FleetAnswer(msgspec.Struct):
    """`{"shops": {"a.example": {"customers": […]}, "b.example": {"errors": …}}}`."""

    shops: dict[str, msgspec.Raw]


_FLEET = msgspec.json.Decoder(_FleetAnswer)


ByTenant = list[tuple[Tenant, list[Ask[K]]]]
"""Asks of several shops, each shop's together."""


def by_tenant(asks: Iterable[Ask[K]]) -> ByTenant[K]:
    """The asks of each shop, by its domain and by their keys, so that equal questions are equal calls."""
    tenants: dict[Tenant, list[Ask[K]]] = {}
    for ask in asks:
        tenants.setdefault(ask.tenant, []).append(ask)
    for own in tenants.values():
        own.sort(key=_KEY)
    return sorted(tenants.items(), key=_shop_of)


def chunks_of(asks: Sequence[Ask[K]]) -> list[ByTenant[K]]:
    """The same in calls: as many keys each as one takes. Asks with one key, of several shoppers, stay together."""
    tenants = by_tenant(asks)
    if len(asks) <= KEYS_A_CALL:
        return [tenants]
    chunks: list[ByTenant[K]] = []
    keys = KEYS_A_CALL
    for tenant, own in tenants:
        for _, alike in groupby(own, key=_KEY):
            if keys == KEYS_A_CALL:
                chunks.append([])
                keys = 0
            if not chunks[-1] or chunks[-1][-1][0] is not tenant:
                chunks[-1].append((tenant, []))
            chunks[-1][-1][1].extend(alike)
            keys += 1
    return chunks


def keys_of(asks: Iterable[Ask[K]]) -> list[K]:
    """Their keys, each once, in order."""
    return list(dict.fromkeys(map(_KEY, asks)))


_KEY: Callable[[Ask[Any]], Any] = itemgetter(Ask._fields.index("key"))


def _shop_of(own: tuple[Tenant, object]) -> str:
    return own[0].shop


async def bulk_rows(
    calls: Calls,
    form: BulkForm,
    asked: Mapping[Tenant, Sequence[Any]],
    decoder: ListDecoder[R],
    *,
    params: Mapping[str, str],
    headers: Mapping[str, str],
    is_personal: bool = False,
) -> Mapping[Tenant, Answer[R] | BackendMalformed]:
    """The rows of many keys, in any order; the caller checks whose each is.

    Args:
        calls: The way out.
        form: How the backend takes many keys.
        asked: Keys by shop. Several shops, and any number with a fleet's backend, else one.
        decoder: Reads the rows.
        params: Filters that all share; `limit` is the most that a call gives where it is left out.
        headers: Beside those of the credential.
        is_personal: The keys stay out of logs and journal.

    Returns:
        An answer for each shop, or why there is none.

    Raises:
        BackendError: The call failed.
    """
    params = {**params, "limit": params.get("limit", str(KEYS_A_CALL))}
    first = next(iter(asked))
    if first.bulk == "shop":
        query = {form.key: ",".join(map(str, asked[first])), **params}
        hidden = form.key if is_personal else None
        body = await calls.get(first, None, form.path, query, headers=headers, hidden=hidden)
        return {first: decoder.decode(first.service, body or b"")}
    question = {"shops": {tenant.shop: {form.key: keys} for tenant, keys in asked.items()}, "params": params}
    body = await calls.post_fleet(first, form.fleet, msgspec.json.encode(question), headers=headers)
    try:
        shops = _FLEET.decode(body or b"").shops
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise BackendMalformed(first.service, cause="no answer by shop") from None
    return {tenant: _part(tenant, shops.get(tenant.shop), decoder) for tenant in asked}


def _part(tenant: Tenant, rows: msgspec.Raw | None, decoder: ListDecoder[R]) -> Answer[R] | BackendMalformed:
    """One shop's own rows; where they could not be looked up, `errors` stand in their place."""
    if rows is None:
        return BackendMalformed(tenant.service, cause="no answer for the shop")
    try:
        return decoder.decode(tenant.service, bytes(rows))
    except BackendMalformed as error:
        return error
