"""What a shop lets its customers do."""

from typing import Any

from sqlalchemy import select

from backends.store.chance import Row
from backends.store.shops import SHOPS, Shop
from backends.subscriptions.tables import SHOPS as TABLE
from backends.wire.calls import Call


async def store_settings(call: Call) -> Row:
    """`GET /shop/settings`."""
    statement = select(TABLE.c.settings).where(TABLE.c.shop_id == call.shop.id)
    return {"settings": (await call.connection.execute(statement)).scalar_one()}


def rows() -> list[Row]:
    """One row a shop; the second shop allows less than the first."""
    return [{"id": shop.id, "shop_id": shop.id, "domain": shop.domain, "settings": _settings(shop)} for shop in SHOPS]


def _settings(shop: Shop) -> dict[str, Any]:
    return {
        "shop_id": shop.id,
        "customer_portal": _customer_portal(shop, generous=shop is SHOPS[0]),
        "has_shopify_connector": True,
        "multicurrency_enabled": True,
        "shop_url": shop.domain,
    }


def _customer_portal(shop: Shop, *, generous: bool) -> dict[str, Any]:
    return {
        "add_display_other_variants": True,
        "affinity_bundle_contents_expanded_by_default": 0,
        "affinity_manage_upcoming_products_enabled": 1,
        "affinity_plans": True,
        "affinity_poll_charge_uncommited_changes": True,
        "affinity_sidebar_position": "right",
        "ai_chat_enabled": False,
        "ai_chat_preview_enabled": False,
        "always_send_plan_id_for_updates": True,
        "apply_plan_recurring_discount_on_swap": False,
        "available_products": "all",
        "backup_payment_methods_settings": {
            "backup_payment_methods_enabled": False,
            "default_customer_opt_in_enabled": False,
        },
        "can_use_affinity_extensions": True,
        "can_use_plans": True,
        "cancelation_type": "Basic",
        "collection_ids": [],
        "collection_product_sorting_enabled": False,
        "custom_code": {
            "approved_domains_for_csp": "",
            "backend_portal": "",
            "credit_cart_update_page": "",
            "footer": "",
            "header": "",
            "header_logo_url": None,
        },
        "customer_payment_fallback_enabled": False,
        "customer_portal_page_view_templates_published": [],
        "disable_referrals_mobile_banner": False,
        "discount_input": True,
        "edit_shipping_address": 1,
        "enable_address_picker_modal": 1,
        "enable_affinity_account_page_schema": 0,
        "enable_affinity_subscriptions_page_schema": 0,
        "enable_customer_account_full_page_extension": False,
        "enable_customer_portal_analytics": 0,
        "enable_enhanced_slots": False,
        "enable_market_pricing": True,
        "enable_membership_programs": False,
        "enable_paid_memberships_ui": False,
        "enable_quantity_upsell_ui_affinity": False,
        "enable_scim_migrate_payment_methods": False,
        "enable_shopify_markets": True,
        "enable_swap_always_pass_plan": True,
        "enable_unity_bundles": True,
        "failed_payment_recovery_enabled": True,
        "flows_allow_hidden_products_to_be_shown": False,
        "flows_enabled": True,
        "force_customer_portal_accounts": 0,
        "gift_skipped_shipment_enabled": False,
        "gifting": {
            "cancel_sub_on_gift_end": False,
            "enabled": False,
            "fulfill_orders_on_redemption": False,
            "redemption_ui_platform": "shopify",
            "select_onetime": 0,
            "select_quantity": 0,
        },
        "gifting_enabled": False,
        "hosted_customer_portal": 1,
        "inventory_behaviour": "decrement_obeying_policy",
        "membership": {
            "allow_membership_cancellation_after": 0,
            "allow_membership_cancellation_in_customer_portal": 1,
            "membership_cancellation_reason_optional": 1,
        },
        "one_click_cancellation_enabled": 0,
        "one_click_cancellation_regions": [],
        "onetime": {
            "available_products": "shopify_products",
            "enabled": 1,
            "shopify_collection_id": None,
            "subscribe_and_save_discount_enabled": False,
            "zero_inventory_purchase": 0,
        },
        "prevent_address_creation": False,
        "prevent_payment_method_creation": False,
        "recharge_credits_settings": {
            "discount_name": "Store credit",
            "multicurrency_redemption_enabled": False,
            "recurring_redemption": "automatic" if generous else "accumulation",
        },
        "recurring_order_blocking": False,
        "show_credits": True,
        "split_add_swap_products_enabled": False,
        "store_uses_slots": False,
        "subscription": _subscription(shop, generous=generous),
        "swap_available_products": "specific_plan_types",
        "swap_collection_ids": [],
        "swap_display_other_variants": True,
        "use_recharge_inventory_levels": False,
        "use_spreedly_form_for_sci_payment_methods": False,
        "view_memberships": 0,
        "view_order_schedule": True,
        "view_recharge_payment_methods": True,
        "view_subscriptions": True,
        "wfs_active_churn": False,
        "wfs_active_churn_landing_page_redirect": False,
        "wfs_cp_show_sd": True,
        "wfs_experiences_landing_page": False,
        "wfs_flows_enabled": True,
        "wfs_klaviyo_sender": False,
    }


def _subscription(shop: Shop, *, generous: bool) -> dict[str, Any]:
    return {
        "add_product": True,
        "cancel_subscription": True,
        "cancellation_email_contact": f"care@{shop.site.removeprefix('https://')}",
        "cancellation_enable_pause_options": True,
        "cancellation_enable_pause_options_values": "1,2,3",
        "cancellation_minimum_order_count": 0 if generous else 2,
        "cancellation_reason_optional": generous,
        "change_frequency_recalculate_next_charge": False,
        "change_product": generous,
        "change_quantity": True,
        "change_variant": True,
        "edit_order_frequency": "Any" if generous else "Plan",
        "edit_scheduled_date": True,
        "enable_affinity_dynamic_bundle_frequency_filter": False,
        "prepaid_upsell_on_customer_portal": False,
        "reactivate_subscription": generous,
        "skip_prepaid_order": False,
        "skip_scheduled_order": True,
        "zero_inventory_purchase": False,
    }
