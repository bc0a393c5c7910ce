"""What the two shops sell, in words and prices."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One product. Prices are minor units of the shop's currency, one a variant."""

    title: str
    kind: str
    collection: str
    variants: dict[str, int]
    plans: str = "subscribe"
    """Which set of plans it is sold with."""


@dataclass(frozen=True, slots=True)
class Box:
    """One bundle product: a product whose variants are box sizes."""

    title: str
    rule: str
    sizes: dict[str, tuple[int, int | None]]
    """Box size to the fewest and most items in it."""
    prices: tuple[int, ...]
    """A fixed price for each size; of a dynamic bundle only the lowest total that a cart shows at first."""
    sources: dict[str, tuple[int | None, int | None]]
    """Collection to the fewest and most items out of it."""
    customizable: bool = True
    most_of_one: int | None = None


def _bags(price: int) -> dict[str, int]:
    return {
        "250 g / Whole bean": price,
        "250 g / Ground": price,
        "1 kg / Whole bean": price * 7 // 2,
        "1 kg / Ground": price * 7 // 2,
    }


def _one(price: int) -> dict[str, int]:
    return {"Default Title": price}


COFFEE = (
    Item("Yirgacheffe Aricha", "Coffee", "single-origin", _bags(1850)),
    Item("Sidama Bensa Natural", "Coffee", "single-origin", _bags(1950)),
    Item("Huila Pitalito Washed", "Coffee", "single-origin", _bags(1650)),
    Item("Nyeri Peaberry AA", "Coffee", "single-origin", _bags(2150)),
    Item("Antigua Los Volcanes", "Coffee", "single-origin", _bags(1700)),
    Item("Sumatra Gayo Highlands", "Coffee", "single-origin", _bags(1600)),
    Item("Tarrazu Honey Process", "Coffee", "single-origin", _bags(1800)),
    Item("Cerrado Yellow Bourbon", "Coffee", "single-origin", _bags(1500)),
    Item("Daybreak House Blend", "Coffee", "blends", _bags(1450)),
    Item("Midnight Espresso", "Coffee", "blends", _bags(1550)),
    Item("Harbour Filter Blend", "Coffee", "blends", _bags(1400)),
    Item("Cocoa and Cherry Espresso", "Coffee", "blends", _bags(1600)),
    Item("Swiss Water Decaf Huila", "Coffee", "decaf", _bags(1700)),
    Item("Decaf Evening Blend", "Coffee", "decaf", _bags(1500)),
    Item("Cold Brew Pitcher Packs", "Coffee", "treats", {"Pack of 8": 2200, "Pack of 16": 3990}),
    Item("Nano Lot of the Quarter", "Coffee", "single-origin", {"200 g": 3800}, "prepaid"),
    Item("Roaster's Choice Membership Bag", "Coffee", "single-origin", {"250 g": 1990}, "prepaid"),
    Item("Paper Filters No. 2", "Gear", "gear", {"100 pieces": 650, "200 pieces": 1150}, "slow"),
    Item("Ceramic Pour-Over Dripper", "Gear", "gear", {"White": 2800, "Slate": 2800}, "onetime"),
    Item("Travel Mug 350 ml", "Gear", "gear", {"Copper": 3200, "Black": 3200}, "onetime"),
    Item("Espresso Almond Biscotti", "Treats", "treats", _one(890)),
    Item("Dark Chocolate Coffee Beans", "Treats", "treats", _one(790), "none"),
)
COFFEE_BOXES = (
    Box(
        "Build Your Own Coffee Box",
        "fixed",
        {"4 bags": (4, 4), "6 bags": (6, 6), "8 bags": (8, 8)},
        (5600, 7900, 9900),
        {"single-origin": (None, None), "blends": (None, None), "decaf": (None, 2)},
        most_of_one=3,
    ),
    Box(
        "Barista Starter Box",
        "fixed",
        {"Starter": (3, 3), "Studio": (5, 5)},
        (5900, 8900),
        {"blends": (1, None), "gear": (1, 2), "treats": (None, 2)},
        most_of_one=2,
    ),
    Box(
        "Mix and Match Morning Bundle",
        "dynamic",
        {"Small": (3, 6), "Large": (7, 12)},
        (4050, 9450),
        {"single-origin": (None, None), "blends": (None, None), "treats": (None, 4)},
    ),
    Box(
        "Office Supply Bundle",
        "dynamic",
        {"Any size": (6, None)},
        (8100,),
        {"blends": (3, None), "decaf": (None, None), "gear": (None, 4)},
    ),
)
SKIN = (
    Item("Birch Water Cleansing Gel", "Cleanser", "cleanse", {"150 ml": 2200, "300 ml": 3600}),
    Item("Oat Milk Cleansing Balm", "Cleanser", "cleanse", {"90 ml": 2900}),
    Item("Micellar Sea Buckthorn Water", "Cleanser", "cleanse", {"200 ml": 1900, "400 ml": 3200}),
    Item("Enzyme Powder Wash", "Cleanser", "cleanse", {"60 g": 2600}),
    Item("Northern Light Vitamin C Serum", "Serum", "treat", {"30 ml": 4800, "50 ml": 6900}),
    Item("Niacinamide 5 Percent Serum", "Serum", "treat", {"30 ml": 3400}),
    Item("Overnight Bakuchiol Serum", "Serum", "treat", {"30 ml": 5200}),
    Item("Hyaluronic Dew Drops", "Serum", "treat", {"30 ml": 3100, "50 ml": 4600}),
    Item("Lingonberry Peel Pads", "Treatment", "treat", {"40 pads": 3600}),
    Item("Cloudberry Day Cream", "Moisturiser", "hydrate", {"50 ml": 3900, "100 ml": 6500}),
    Item("Rich Winter Cream", "Moisturiser", "hydrate", {"50 ml": 4200}),
    Item("Weightless Gel Cream", "Moisturiser", "hydrate", {"50 ml": 3700}),
    Item("Barrier Repair Night Balm", "Moisturiser", "hydrate", {"40 ml": 4500}),
    Item("Mineral Sunscreen SPF 50", "Sunscreen", "protect", {"50 ml": 3300, "100 ml": 5400}),
    Item("Tinted Day Shield SPF 30", "Sunscreen", "protect", {"Light": 3500, "Medium": 3500, "Deep": 3500}),
    Item("Hand Cream Heather", "Body", "body", {"75 ml": 1600}),
    Item("Body Oil Pine and Citrus", "Body", "body", {"100 ml": 2800, "200 ml": 4700}),
    Item("Fjord Salt Scrub", "Body", "body", {"250 g": 2400}, "slow"),
    Item("Seasonal Ritual Box", "Set", "body", {"Season": 8900}, "prepaid"),
    Item("Gua Sha Stone", "Tool", "tools", _one(2900), "onetime"),
    Item("Bamboo Cotton Rounds", "Tool", "tools", _one(1200), "none"),
)
SKIN_BOXES = (
    Box(
        "Skin Ritual Box",
        "fixed",
        {"3 steps": (3, 3), "5 steps": (5, 5)},
        (8900, 13900),
        {"cleanse": (1, 2), "treat": (1, None), "hydrate": (1, 2)},
        most_of_one=1,
    ),
    Box(
        "Travel Minis Set",
        "fixed",
        {"Weekend": (4, 4)},
        (3900,),
        {"cleanse": (None, None), "hydrate": (None, None), "protect": (None, None)},
        customizable=False,
    ),
    Box(
        "Mix Your Routine",
        "dynamic",
        {"Routine": (2, 4), "Full shelf": (5, 10)},
        (4500, 11500),
        {"cleanse": (None, 3), "treat": (None, 3), "hydrate": (None, 3), "protect": (None, 2), "body": (None, 3)},
    ),
)
# 22 + 4 products of one shop and 21 + 3 of the other make fifty.
WORDS = {
    "aurora-coffee.myshopify.com": (COFFEE, COFFEE_BOXES),
    "nordlys-skin.myshopify.com": (SKIN, SKIN_BOXES),
}
