"""What belongs to a customer besides deliveries: cards, memberships, gifts."""

from datetime import timedelta

from backends.store.billing import paid_to
from backends.store.catalogue import Catalogue
from backends.store.chance import Row, World
from backends.store.people import Person, customer_id
from backends.store.shops import SHOPS, Shop

PROGRAMS = (("Roasters' circle", "active", 900), ("Founders' circle", "inactive", 1_900))
BENEFITS = (("Free shipping", "shipping", "free_shipping"), ("Ten percent off", "discount", "percentage"))


def program_id(shop: Shop, place: int = 0) -> int:
    """Id of the membership programme at a place, from 0."""
    return 4_120 + SHOPS.index(shop) * 10 + place


def membership_programs(world: World) -> list[Row]:
    """Two programmes a shop; customers are members of the first."""
    return [
        {
            "id": program_id(shop, n),
            "shop_id": shop.id,
            "benefits": [
                {
                    "id": program_id(shop, n) * 10 + b,
                    "category": category,
                    "created_at": _iso(world, 400),
                    "description": f"{benefit} on every order",
                    "name": benefit,
                    "program_id": program_id(shop, n),
                    "status": "active",
                    "type": kind,
                    "updated_at": _iso(world, 60),
                }
                for b, (benefit, category, kind) in enumerate(BENEFITS)
            ],
            "created_at": world.instant(400),
            "description": f"{name} of {shop.name}",
            "external_attributes": {
                "customer_tags": {"active": "member"},
                "image_path": "",
                "order_tag": "membership",
                "segments": {},
            },
            "name": name,
            "price": cents,
            "status": status,
            "tag_name": "-".join(name.lower().replace("'", "").split()),
            "updated_at": world.instant(60),
        }
        for shop in SHOPS
        for n, (name, status, cents) in enumerate(PROGRAMS)
    ]


def payment_methods(world: World, someone: Person, homes: list[Row]) -> list[Row]:
    """The card that all addresses of a customer are paid with."""
    chance = world.chance("payment", someone.index)
    brand, digits = chance.choice(["visa", "mastercard", "amex"]), chance.randint(0, 9_999)
    return [
        {
            "id": 30_440_100 + someone.index,
            "shop_id": someone.shop.id,
            "customer_id": someone.id,
            "billing_address": paid_to(homes[0]),
            "created_at": world.instant(someone.days_old),
            "default": True,
            "payment_details": {
                "brand": brand,
                "exp_month": str(chance.randint(1, 12)),
                "exp_year": str(world.today.year + (-1 if someone.in_dunning else 2)),
                "last4": f"{digits:04d}",
            },
            "payment_type": "CREDIT_CARD",
            "processor_customer_token": f"cus_{someone.hash[:14]}",
            "processor_name": "stripe",
            "processor_payment_method_token": f"pm_{someone.hash[14:28]}",
            "status": "invalid" if someone.in_dunning else "valid",
            "status_reason": "card_declined" if someone.in_dunning else "",
            "updated_at": world.instant(chance.uniform(0, 90)),
        }
    ]


def memberships(world: World, goods: Catalogue, someone: Person, homes: list[Row]) -> list[Row]:
    """One of six customers is or was a member; the demo customer is."""
    chance = world.chance("membership", someone.index)
    if someone.index != 0 and chance.random() < 0.84:
        return []
    product = next(each for each in goods.products if not each.plans)
    active = someone.index == 0 or chance.random() < 0.75
    created = world.instant(someone.days_old / 2)
    ends = world.instant(-chance.randint(20, 300))
    ended = None if active else world.instant(chance.uniform(1, 40))
    return [
        {
            "id": 8_410_100 + someone.index,
            "shop_id": someone.shop.id,
            "customer_id": someone.id,
            "address_id": homes[0]["id"],
            "membership_program_id": program_id(someone.shop),
            "purchase_item_id": 810_400_100 + someone.index,
            "cancellation_reason": None if active else "Too expensive",
            "cancellation_reason_comments": None,
            "cancelled_at": ended,
            "charge_interval_frequency": "12",
            "charge_interval_unit": "month",
            "created_at": created,
            "expires_at": ends if active else ended,
            "external_product_id": product.id,
            "external_variant_id": product.variants[0].id,
            "has_queued_charges": active,
            "next_charge_scheduled_at": ends.date() if active else None,
            "presentment_currency": homes[0]["presentment_currency"] or someone.shop.currency,
            "price": PROGRAMS[0][2],
            "product_title": PROGRAMS[0][0],
            "purchase_item_status": "active" if active else "cancelled",
            "quantity": 1,
            "status": "active" if active else "inactive",
            "updated_at": ended or created,
            "variant_title": "Yearly",
        }
    ]


def gift_purchases(world: World, goods: Catalogue, someone: Person, credit: list[Row]) -> list[Row]:
    """Credit that was a present of another customer of the same shop."""
    chance = world.chance("gift", someone.index)
    account = next((row for row in credit if row["type"] == "gift"), None)
    if account is None:
        return []
    product = goods.products[chance.randrange(len(goods.products))]
    sent = account["created_at"]
    key = 6_310_100 + someone.index
    return [
        {
            "id": key,
            "shop_id": someone.shop.id,
            "recipient_customer_id": someone.id,
            "sender_customer_id": customer_id(someone.index + (-5 if someone.index >= 5 else 5)),
            "credit_account_id": account["id"],
            "amount": account["initial_balance"],
            "created_at": sent - timedelta(days=1),
            "external_gift_product_id": str(product.id),
            "external_gift_variant_id": str(product.variants[0].id),
            "external_order_id": str(5_891_000_000_000 + key),
            "external_redeemable_product_ids": [{"ecommerce": str(product.id)}],
            "gift_currency": someone.shop.currency,
            "gift_note": "Enjoy",
            "notification_scheduled_at": sent,
            "notification_sent_at": sent,
            "redeemable_collection_id": None,
            "redeemed_at": sent + timedelta(days=2),
            "redemption_link": f"{someone.shop.site}/tools/recurring/gifts/{key}",
            "sender_name": someone.first_name,
            "updated_at": sent + timedelta(days=2),
        }
    ]


def _iso(world: World, days_ago: float) -> str:
    return f"{world.instant(days_ago).isoformat()}+00:00"
