"""What a shop's portal settings let its customers do, and the way into its hosted portal."""

from datetime import timedelta

import msgspec
from sqlalchemy import select

from backends.subscriptions.resources import CUSTOMER
from backends.subscriptions.tables import SHOPS
from backends.wire.calls import Call
from backends.wire.errors import RefusedError, invalid
from backends.wire.resources import Row
from backends.wire.sessions import Claims, from_now, mint


async def portal_settings(call: Call) -> Row:
    """The shop's `customer_portal` settings."""
    statement = select(SHOPS.c.settings).where(SHOPS.c.shop_id == call.shop.id)
    stored = (await call.connection.execute(statement)).scalar_one()
    settings: Row = msgspec.json.decode(stored)["customer_portal"]
    return settings


async def require(call: Call, *names: str) -> None:
    """Raises 403 when a customer asks for something that the shop does not allow; the shop itself may do all.

    Names are keys of `subscription`, or dotted paths from the portal's settings.
    """
    if call.customer_id is None:
        return
    settings = await portal_settings(call)
    for name in names:
        group, _, key = name.rpartition(".")
        allowed = settings[group or "subscription"][key] if group != "portal" else settings[key]
        if not allowed:
            raise RefusedError(403, f"The store's customer portal settings do not allow this: {key}")


async def portal_access(call: Call) -> Row:
    """`GET /portal_access`: an address with a token, good for an hour."""
    key = call.customer_id
    if key is None:
        try:
            key = int(call.query["customer_id"])
        except (KeyError, ValueError) as error:
            raise invalid(customer_id="Missing data for required field.") from error
    customer = await CUSTOMER.stored(call, key)
    claims = Claims(call.shop.domain, customer["id"], "portal", from_now())
    token = mint(call.state.session_keys[call.shop.domain], claims)
    base = f"{call.shop.site}/tools/recurring/portal/"
    page = call.query.get("page_destination", "overview")
    return {
        "base_url": base,
        "customer_hash": customer["hash"],
        "expires_at": f"{(call.now + timedelta(hours=1)).isoformat()}+00:00",
        "portal_url": f"{base}{customer['hash']}/{page}?token={token}",
        "temp_token": token,
    }
