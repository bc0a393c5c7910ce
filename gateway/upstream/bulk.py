"""Look-ups by many owners in one call, for backends that offer them beside the public API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from gateway.errors import BackendMalformed
from gateway.upstream.answers import Answer, ListDecoder
from gateway.upstream.upstream import Upstream

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


async def bulk_rows(
    upstream: Upstream,
    form: BulkForm,
    keys: Sequence[int | str],
    decoder: ListDecoder[R],
    *,
    params: Mapping[str, str],
    headers: Mapping[str, str],
    is_personal: bool = False,
) -> Answer[R]:
    """The rows of many keys, in any order; the caller checks whose each is.

    Raises:
        BackendError: The call failed, for this shop at least.
    """
    params = {**params, "limit": params.get("limit", str(KEYS_A_CALL))}
    if upstream.bulk == "shop":
        query = {form.key: ",".join(str(key) for key in keys), **params}
        body = await upstream.get(form.path, query, headers=headers, hidden=form.key if is_personal else None)
        return decoder.decode(upstream.service, body or b"")
    asked = {"shops": {upstream.shop: {form.key: list(keys)}}, "params": params}
    body = await upstream.post_fleet(form.fleet, msgspec.json.encode(asked), headers=headers)
    try:
        own = _FLEET.decode(body or b"").shops[upstream.shop]
    except (msgspec.MsgspecError, ValueError, KeyError):
        raise BackendMalformed(upstream.service, cause="no answer for the shop") from None
    # A shop whose rows could not be looked up has `errors` in their place, which the decoder refuses.
    return decoder.decode(upstream.service, bytes(own))
