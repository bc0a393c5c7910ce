"""The mutations that widgets send, as they send them: each fits the graph."""

import pytest
from graphql import build_schema as from_sdl
from graphql import parse, validate

from schema import build_schema

GRAPH = from_sdl(build_schema().as_str())

DOCUMENTS = {
    "BundleAddToCart": """mutation BundleAddToCart($input: BundleContentsInput!) {
        bundleCartLinesBuild(input: $input) {
            lines { merchandiseId quantity sellingPlanId attributes { key value } }
            userErrors { field message code } } }""",
    "PortalSkip": """mutation PortalSkip($id: ID!, $date: Date) {
        subscriptionSkip(subscriptionId: $id, date: $date) {
            subscription { id nextChargeDate upcomingCharge { id scheduledDate status } }
            charge { id status scheduledDate } userErrors { field message code } } }""",
    "PortalPause": """mutation PortalPause($id: ID!, $until: Date!) {
        subscriptionPause(subscriptionId: $id, until: $until) {
            subscription { id nextChargeDate } userErrors { field message code } } }""",
    "PortalCancel": """mutation PortalCancel($id: ID!, $input: SubscriptionCancelInput!) {
        subscriptionCancel(subscriptionId: $id, input: $input) {
            subscription { id status cancelledAt } userErrors { field message code } } }""",
    "PortalSwap": """mutation PortalSwap($id: ID!, $input: SubscriptionSwapInput!) {
        subscriptionSwap(subscriptionId: $id, input: $input) {
            subscription { id productTitle price { amount currencyCode } } userErrors { field message code } } }""",
    "PortalEditBundle": """mutation PortalEditBundle($id: ID!, $items: [BundleItemInput!]!) {
        bundleSelectionUpdate(subscriptionId: $id, items: $items) {
            bundleSelection { id items { id quantity productVariant { id } } }
            subscription { id price { amount currencyCode } } userErrors { field message code } } }""",
    "RedeemReward": """mutation RedeemReward($rewardId: ID!, $points: Int, $key: String!) {
        rewardRedeem(rewardId: $rewardId, points: $points, idempotencyKey: $key) {
            redemption { id name code expiresAt }
            member { id pointsBalance availableRewards { isRedeemable reward { id } } }
            userErrors { field message code } } }""",
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_widgets_mutation_fits(name: str) -> None:
    """So that a change of the graph that would break it is seen."""
    assert validate(GRAPH, parse(DOCUMENTS[name])) == []


def test_every_mutation_is_safe_to_press_twice() -> None:
    """All seventeen take a key; where points are spent it is required. Payloads are nullable and have userErrors."""
    assert GRAPH.mutation_type is not None
    fields = GRAPH.mutation_type.fields
    assert len(fields) == 17
    for name, field in fields.items():
        kind = str(field.args["idempotencyKey"].type)
        assert kind == ("String!" if name == "rewardRedeem" else "String")
        assert not str(field.type).endswith("!")
        assert "userErrors" in GRAPH.type_map[str(field.type)].fields  # type: ignore[attr-defined]
