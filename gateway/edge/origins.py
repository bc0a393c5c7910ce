"""CORS: pages of which origins may read a shop's answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

PREFLIGHT_SECONDS = 7_200
"""For so long a browser remembers what it may; the most that Chromium takes."""
READABLE = "Retry-After, X-Request-Id"
"""Headers of an answer that a page may read."""
SENDABLE = (
    "Accept, Authorization, Content-Type, X-Cost, X-Explain, X-Request-Id, X-Timeout-Ms, GraphQL-Client-Name,"
    " GraphQL-Client-Version, Apollographql-Client-Name, Apollographql-Client-Version, Apollo-Require-Preflight,"
    " X-Requested-With, X-Recharge-Access-Token, X-Recharge-Customer-Id"
)
"""Headers that a page may send."""


@dataclass(frozen=True, slots=True)
class Origins:
    """The origins of each shop, as browsers write them. Sessions travel in headers: credentials are never allowed."""

    by_shop: Mapping[str, frozenset[str]]
    """By the shop's own domain."""
    shops: Mapping[str, str]
    """The shop's own domain by each domain that it goes by."""
    _all: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_all", frozenset[str]().union(*self.by_shop.values()))

    def preflight(self, request: Request, methods: str = "GET, POST") -> Response | None:
        """The answer to a browser that asks whether it may send by these methods; None for anything else.

        It carries no session, so without `?shop=` any shop's origin may send; what it reads is the session's matter.
        """
        if request.method != "OPTIONS" or "access-control-request-method" not in request.headers:
            return None
        headers = {"Vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"}
        if origin := self._allowed(request, None):
            headers |= {
                "Access-Control-Allow-Origin": origin,
                "Access-Control-Allow-Methods": methods,
                "Access-Control-Allow-Headers": SENDABLE,
                "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
            }
        return Response(status_code=204, headers=headers)

    def add_to(self, response: Response, request: Request, shop: str | None) -> None:
        """Let the page read the answer, if it is one of the shop's; None where it is not known whose answer it is."""
        if not self._all:
            return
        response.headers.add_vary_header("Origin")
        if origin := self._allowed(request, shop):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = READABLE

    def _allowed(self, request: Request, shop: str | None) -> str | None:
        origin = request.headers.get("origin")
        shop = shop or self.shops.get(request.query_params.get("shop", ""))
        known = self._all if shop is None else self.by_shop.get(shop, frozenset())
        return origin if origin in known else None
