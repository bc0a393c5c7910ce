"""CORS: pages of which origins may read a shop's answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from gateway.edge.messages import HttpRequest, HttpResponse

PREFLIGHT_SECONDS = 7_200
"""For so long a browser remembers what it may; the most that Chromium takes."""
READABLE = b"Retry-After, X-Request-Id"
"""Headers of an answer that a page may read."""
SENDABLE = (
    b"Accept, Authorization, Content-Type, X-Cost, X-Explain, X-Request-Id, X-Timeout-Ms, GraphQL-Client-Name,"
    b" GraphQL-Client-Version, Apollographql-Client-Name, Apollographql-Client-Version, Apollo-Require-Preflight,"
    b" X-Requested-With, X-Recharge-Access-Token, X-Recharge-Customer-Id"
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

    def preflight(self, request: HttpRequest, methods: str = "GET, POST") -> HttpResponse | None:
        """The answer to a browser that asks whether it may send by these methods; None for anything else.

        It carries no session, so without `?shop=` any shop's origin may send; what it reads is the session's matter.
        """
        if request.method != "OPTIONS" or b"access-control-request-method" not in request.headers:
            return None
        headers = {b"vary": b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers"}
        if origin := self._allowed(request, None):
            headers |= {
                b"access-control-allow-origin": origin.encode(),
                b"access-control-allow-methods": methods.encode(),
                b"access-control-allow-headers": SENDABLE,
                b"access-control-max-age": b"%d" % PREFLIGHT_SECONDS,
            }
        return HttpResponse(HTTPStatus.NO_CONTENT, headers)

    def add_to(self, response: HttpResponse, request: HttpRequest, shop: str | None) -> None:
        """Let the page read the answer, if it is one of the shop's; None where it is not known whose answer it is."""
        if not self._all:
            return
        response.vary_by(b"Origin")
        if origin := self._allowed(request, shop):
            response.headers[b"access-control-allow-origin"] = origin.encode()
            response.headers[b"access-control-expose-headers"] = READABLE

    def _allowed(self, request: HttpRequest, shop: str | None) -> str | None:
        origin = request.header(b"origin")
        shop = shop or self.shops.get(request.parameter("shop") or "")
        known = self._all if shop is None else self.by_shop.get(shop, frozenset())
        return origin if origin in known else None
