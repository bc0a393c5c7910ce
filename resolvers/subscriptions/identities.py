"""Which customer somebody is, by Shopify's word or by a session of Recharge's own."""

from dataclasses import replace

from gateway.errors import BackendError, BackendRejected, TwoFactorRequired
from gateway.upstream import Access, Ask, Calls, Deadline, Journal, Tenant, Upstream
from resolvers.dialects import RECHARGE_SESSIONS
from resolvers.subscriptions.backend import CUSTOMER_OF_SESSION, CUSTOMERS_BY_EXTERNAL_ID


async def customer_id_of(upstream: Upstream, shopify_id: str) -> int | None:
    """The id of a customer by the one that Shopify knows; None for one who is not known here.

    Raises:
        BackendError: The backend does not say.
    """
    found = (await upstream.looking_up(CUSTOMERS_BY_EXTERNAL_ID)([shopify_id])).get(shopify_id, ())
    if isinstance(found, Exception):
        raise found
    return found[0].id if found else None


async def is_session_of(tenant: Tenant, customer_id: int, token: str, deadline: Deadline) -> bool:
    """Whether a token is a session of this customer's: the backend is asked for him with that token, and nothing else.

    Nothing that is kept is good enough for that, nor what anybody else asks.

    Raises:
        TwoFactorRequired: The session lacks its second factor.
        BackendError: The backend does not say.
    """
    own = Access({**tenant.access.headers, RECHARGE_SESSIONS.header: token}, tenant.access.params)
    asker = replace(tenant, access=own, bulk="none", fleet=None, sessions=None, rate_limit=None)
    ask = Ask(asker, customer_id, customer_id)
    outcome = (await CUSTOMER_OF_SESSION.fetch(Calls(deadline, Journal()), [ask])).get(ask)
    if isinstance(outcome, BackendRejected) and outcome.status in {401, 403}:
        return False
    if isinstance(outcome, BackendRejected) and outcome.status == 423:
        raise TwoFactorRequired("The session lacks its second factor.")
    if isinstance(outcome, BackendError):
        raise outcome
    return outcome is not None
