"""How long each kind of answer is kept."""

from gateway.upstream import Policy

CATALOGUE = Policy("catalogue", fresh_seconds=30, revalidating_seconds=60, on_error_seconds=600, is_public=True)
"""Products, prices, bundles. What is sold is decided by the checkout, which asks anew."""

SHOP = Policy("shop", fresh_seconds=60, revalidating_seconds=240, on_error_seconds=600, is_public=True)
"""What the merchant allows; the backend enforces it too."""

PROGRAM = Policy("program", fresh_seconds=60, revalidating_seconds=240, on_error_seconds=600, is_public=True)
"""The points programme as everybody sees it."""

ACCOUNT = Policy("account", fresh_seconds=3, on_error_seconds=300)
"""What a shopper owns. Fresh for as long as the widgets of one page ask for the same; mutations never read it."""

BALANCE = Policy("balance", fresh_seconds=3, on_error_seconds=60)
"""Points and credits, to look at; mutations never read it."""
