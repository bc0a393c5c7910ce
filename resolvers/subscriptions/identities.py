"""Which customer somebody is whom Shopify vouches for."""

from gateway.upstream import Upstream
from resolvers.subscriptions.backend import CUSTOMERS_BY_EXTERNAL_ID


async def customer_id_of(upstream: Upstream, shopify_id: str) -> int | None:
    """The id of a customer by the one that Shopify knows; None for one who is not known here.

    Raises:
        BackendError: The backend does not say.
    """
    found = (await upstream.looking_up(CUSTOMERS_BY_EXTERNAL_ID)([shopify_id])).get(shopify_id, ())
    if isinstance(found, Exception):
        raise found
    return found[0].id if found else None
