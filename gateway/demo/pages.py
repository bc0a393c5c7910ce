"""The demo's own routes: the store, the explorer, and tokens for whoever is at this machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from backends import SHOPS
from gateway.demo.catalogue import Catalogue, Choices, NotRead, Shopper
from gateway.demo.faults import fault_pages
from gateway.demo.pictures import picture
from gateway.demo.store import FIRST_PRODUCT, StorePages
from gateway.edge.sessions import SignedTokens
from gateway.viewer import EXPLAIN

HERE = Path(__file__).parent
STATIC = HERE / "static"
ASSETS = HERE / "assets"
DOCUMENTS = HERE / "documents"

SHOPPER_COOKIE = "demo_shopper"
"""Who the browser is on the store's pages: a customer's id, or `guest`."""

_PAGE_HEADERS = {
    "Cache-Control": "no-store",
    # Proof that a page asks nothing of anybody else, and that the widgets bear a strict policy.
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
}


def demo_pages(
    sessions: SignedTokens,
    backend_urls: Mapping[str, str],
    backend_tokens: Mapping[str, Mapping[str, str]],
    lifetime_seconds: int,
) -> list[BaseRoute]:
    """The routes. They hand out any seeded customer's token, which is why nothing but the demo has them."""
    shop = SHOPS[0]
    pages = _Pages(
        shop=shop.domain,
        sessions=sessions,
        lifetime_seconds=lifetime_seconds,
        catalogue=Catalogue(shop, backend_urls["subscriptions"], backend_tokens["subscriptions"][shop.domain]),
        store=StorePages(shop),
    )
    return [
        Route("/", pages.product),
        Route("/products/{handle}", pages.product),
        Route("/account", pages.account),
        Route("/explorer", _explorer),
        Route("/demo/config.json", pages.config),
        Route("/demo/session", pages.session),
        Route("/demo/pictures/{handle}.svg", _drawing),
        *fault_pages(backend_urls),
        Mount("/demo/assets", StaticFiles(directory=ASSETS)),
        Mount("/demo", StaticFiles(directory=STATIC)),
    ]


@dataclass(frozen=True, slots=True)
class _Pages:
    """The routes that know the shop."""

    shop: str
    sessions: SignedTokens
    lifetime_seconds: int
    catalogue: Catalogue
    store: StorePages

    async def product(self, request: Request) -> Response:
        """A product's page; the first one at `/`."""
        try:
            choices = await self.catalogue.choices()
        except NotRead as error:
            return _unavailable(error)
        found = choices.products.get(request.path_params.get("handle", FIRST_PRODUCT))
        if found is None:
            return RedirectResponse("/", HTTPStatus.SEE_OTHER)
        shopper = _shopper(request, choices)
        return HTMLResponse(self.store.product(found, choices, shopper, self._token(shopper)), headers=_PAGE_HEADERS)

    async def account(self, request: Request) -> Response:
        """The account of whoever the browser is."""
        try:
            choices = await self.catalogue.choices()
        except NotRead as error:
            return _unavailable(error)
        shopper = _shopper(request, choices)
        return HTMLResponse(self.store.account(choices, shopper, self._token(shopper)), headers=_PAGE_HEADERS)

    async def config(self, _request: Request) -> Response:
        """What the explorer offers to choose from."""
        try:
            choices = await self.catalogue.choices()
        except NotRead as error:
            return _unavailable(error)
        return JSONResponse(
            {
                "shop": self.shop,
                "customers": [{"id": each.id, "name": each.name} for each in choices.shoppers],
                "products": [{"id": each.id, "title": each.title} for each in choices.products.values()],
                "documents": {path.stem: path.read_text(encoding="utf-8") for path in sorted(DOCUMENTS.iterdir())},
            }
        )

    async def session(self, request: Request) -> Response:
        """A customer's token."""
        customer = request.query_params.get("customer", "")
        if not customer.isdigit():
            return JSONResponse({"message": "`customer` is a customer's id."}, HTTPStatus.BAD_REQUEST)
        return JSONResponse({"token": self._mint(int(customer))}, headers={"Cache-Control": "no-store"})

    def _token(self, shopper: Shopper | None) -> str | None:
        return self._mint(shopper.id) if shopper else None

    def _mint(self, customer_id: int) -> str:
        return self.sessions.mint(self.shop, customer_id, scopes=[EXPLAIN], lifetime_seconds=self.lifetime_seconds)


def _shopper(request: Request, choices: Choices) -> Shopper | None:
    return choices.shopper(request.cookies.get(SHOPPER_COOKIE))


def _unavailable(error: NotRead) -> Response:
    return JSONResponse({"message": str(error)}, HTTPStatus.SERVICE_UNAVAILABLE)


async def _explorer(_request: Request) -> Response:
    return FileResponse(STATIC / "explorer.html")


async def _drawing(request: Request) -> Response:
    headers = {"Cache-Control": "max-age=3600"}
    return Response(picture(request.path_params["handle"]), media_type="image/svg+xml", headers=headers)
