"""The domains, as data: what a field asks for, without a word of GraphQL."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from gateway.idempotency import Once
from gateway.upstream import Access, Journal, Loads, SessionForm, Topic, Upstream, Writes, tag
from gateway.viewer import Market, Viewer
from resolvers.bundles import BundleCommands, Bundles
from resolvers.bundles.events import EVENTS as BUNDLE_EVENTS
from resolvers.catalogue import Catalogue
from resolvers.catalogue.events import EVENTS as PLAN_EVENTS
from resolvers.catalogue.events import SHOPIFY_EVENTS
from resolvers.dialects import RECHARGE_SESSIONS, recharge, smile
from resolvers.loyalty import Loyalty, LoyaltyCommands
from resolvers.memberships import Memberships
from resolvers.policies import SHOP
from resolvers.shop import Shop
from resolvers.subscriptions import Changing, ChargeCommands, OnetimeCommands, SubscriptionCommands, Subscriptions
from resolvers.subscriptions.events import EVENTS as SUBSCRIPTION_EVENTS

__all__ = ["DIALECTS", "RECHARGE_TOPICS", "SESSIONS", "SHOPIFY_EVENTS", "Resolvers"]

DIALECTS: Mapping[str, Callable[[str, str], Access]] = {
    "subscriptions": recharge,
    "bundles": recharge,
    "loyalty": smile,
}
"""Which family of REST APIs each backend speaks."""

SESSIONS: Mapping[str, tuple[str, SessionForm]] = {
    "subscriptions": ("subscriptions", RECHARGE_SESSIONS),
    "bundles": ("subscriptions", RECHARGE_SESSIONS),
}
"""Where a shopper's session for a backend is opened, and how; a backend that is not here knows service tokens only."""

RECHARGE_TOPICS: Mapping[str, Mapping[str, Topic[Any]]] = {
    "subscriptions": {**SUBSCRIPTION_EVENTS, **PLAN_EVENTS},
    "bundles": BUNDLE_EVENTS,
}
"""The topics of the webhooks that each backend sends."""


class Resolvers:
    """One attribute a domain, fresh for each request: it holds the viewer's data and nobody else's."""

    def __init__(
        self,
        *,
        viewer: Viewer,
        market: Market,
        shop: Shop,
        upstreams: Mapping[str, Upstream],
        writes: Mapping[str, Writes],
        once: Once,
        loads: Loads,
        journal: Journal,
    ) -> None:
        self._viewer = viewer
        self._shop = shop
        self._journal = journal
        self.market = market
        self.subscriptions = Subscriptions(upstreams["subscriptions"], loads)
        self.catalogue = Catalogue(upstreams["subscriptions"], loads, market)
        self.bundles = Bundles(upstreams["bundles"], loads)
        self.memberships = Memberships(upstreams["subscriptions"], loads)
        self.loyalty = Loyalty(upstreams["loyalty"], loads)
        changing = Changing(self.subscriptions, writes["subscriptions"], once, loads, shop.id)
        self.subscription_commands = SubscriptionCommands(changing)
        self.charge_commands = ChargeCommands(changing)
        self.onetime_commands = OnetimeCommands(changing)
        self.bundle_commands = BundleCommands(self.bundles, writes["bundles"], once, loads)
        self.loyalty_commands = LoyaltyCommands(self.loyalty, writes["loyalty"], once, loads)

    @property
    def viewer(self) -> Viewer:
        """Who asks. An answer that depends on it, be it that nobody in particular does, is for nobody else."""
        self._journal.is_private = True
        return self._viewer

    @property
    def shop(self) -> Shop:
        """The shop, as the settings have it."""
        self._journal.read_public(time.monotonic(), SHOP.fresh_seconds, (tag(self._shop.domain, "shop"),))
        return self._shop
