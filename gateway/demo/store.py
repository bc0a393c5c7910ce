"""The demo's store as HTML: what Liquid templates do on a real one, with the widgets as elements in it."""

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from backends import Shop
from gateway.demo.catalogue import Choices, Product, Shopper
from gateway.demo.words import BLURBS

FIRST_PRODUCT = "yirgacheffe-aricha"
CARDS_SHOWN = 8
FEW_VARIANTS = 2
"""Up to so many fit into one line of the picker."""

_TEMPLATES = {
    path.stem: Template(path.read_text(encoding="utf-8"))
    for path in (Path(__file__).parent / "templates").glob("*.html")
}


class StorePages:
    """The store's pages for one shopper at a time."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def product(self, product: Product, choices: Choices, shopper: Shopper | None, token: str | None) -> str:
        """A product's page, with the picker."""
        others = [each for each in choices.products.values() if each.handle != product.handle]
        # Starting behind the product gives each page other neighbours, and the boxes a place on the first.
        start = list(choices.products).index(product.handle)
        shown = [*others[start:], *others[:start]][: CARDS_SHOWN - 1]
        boxes = [each for each in others if each.handle == "build-your-own-coffee-box" and each not in shown]
        main = _filled(
            "product",
            {
                "store": self._shop.name,
                "shop": self._shop.domain,
                "id": product.id,
                "handle": product.handle,
                "title": product.title,
                "kind": product.kind,
                "price": product.price,
                "variants": str(product.variants) if product.variants <= FEW_VARIANTS else "many",
                "blurb": BLURBS.get(product.handle, ""),
            },
            token=_token(token),
            cards="".join(_card(each) for each in [*shown, *boxes]),
        )
        description = BLURBS.get(product.handle, product.title)
        return self._page(product.title, description, main, choices, shopper, token, ["rc-subscription-picker"])

    def account(self, choices: Choices, shopper: Shopper | None, token: str | None) -> str:
        """A shopper's account with the points panel, or for nobody a choice of shoppers."""
        if shopper is None:
            buttons = "".join(_shopper_button(each) for each in choices.shoppers)
            main = _filled("guest", {"greeting": "Your account", "shop": self._shop.domain}, shoppers=buttons)
        else:
            greeting = f"Hello, {shopper.name.split()[0]}"
            main = _filled("account", {"greeting": greeting, "shop": self._shop.domain}, token=_token(token))
        description = "Subscriptions, deliveries, store credit and points."
        return self._page("Your account", description, main, choices, shopper, token, ["rc-loyalty-panel"])

    def _page(
        self,
        title: str,
        description: str,
        main: str,
        choices: Choices,
        shopper: Shopper | None,
        token: str | None,
        widgets: list[str],
    ) -> str:
        data = {
            "shop": self._shop.domain,
            "token": token,
            "shopper": shopper.id if shopper else None,
            "shoppers": [{"id": each.id, "name": each.name} for each in choices.shoppers],
        }
        return _filled(
            "layout",
            {
                "title": title,
                "store": self._shop.name,
                "description": description,
                "account": shopper.name.split()[0] if shopper else "Sign in",
            },
            main=main,
            scripts="\n  ".join(f'<script defer src="/demo/assets/{name}.js"></script>' for name in widgets),
            # In a script element nothing but `</script` ends the data.
            page=json.dumps(data).replace("<", "\\u003c"),
        )


def _filled(template: str, words: Mapping[str, str], **markup: str) -> str:
    """A template with words, which are escaped, and markup, which is not."""
    filling: dict[str, Any] = {name: escape(word) for name, word in words.items()}
    return _TEMPLATES[template].substitute(filling | markup)


def _card(product: Product) -> str:
    return _filled("card", {"handle": product.handle, "title": product.title, "price": product.price})


def _token(token: str | None) -> str:
    return f'token="{escape(token)}"' if token else ""


def _shopper_button(shopper: Shopper) -> str:
    return f'<li><button type="button" data-shopper="{shopper.id}">{escape(shopper.name)}</button></li>'
