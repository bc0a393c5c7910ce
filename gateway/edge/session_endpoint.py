"""/session: POST makes a session of the gateway's own, DELETE ends one."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import structlog

from gateway.edge.masking import of_gateway_error
from gateway.edge.messages import HttpRequest, HttpResponse
from gateway.edge.origins import Origins
from gateway.edge.refusals import HttpRefusal, bad_request, forbidden, method_not_allowed, unauthenticated, unavailable
from gateway.edge.request_id import log_under
from gateway.edge.responses import json_response
from gateway.edge.sessions import (
    LASTS_SECONDS,
    Carried,
    RechargeSessions,
    RevocationLog,
    Session,
    Sessions,
    SignedTokens,
    carried_by,
    invalid,
    of_customer,
    of_session,
)
from gateway.edge.sessions.signed_tokens import LONGEST_SECONDS
from gateway.edge.throttle import Throttle
from gateway.errors import (
    BackendError,
    BackendThrottled,
    BadUserInput,
    Forbidden,
    GatewayError,
    TwoFactorRequired,
    Unauthenticated,
)
from gateway.viewer import Viewer

logger = structlog.get_logger(__name__)

METHODS = "POST, DELETE"
EXCHANGE_COST = 10
"""What it costs a visitor to show a token of Recharge's, since whoever guesses has the backend asked."""


@dataclass(frozen=True, slots=True)
class SessionEndpoint:
    """The endpoint for sessions, as such and through the app proxy."""

    sessions: Sessions
    recharge: RechargeSessions
    tokens: SignedTokens
    log: RevocationLog
    origins: Origins
    throttle: Throttle
    lifetime_seconds: int
    """How long a session lasts that begins here."""

    async def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request; errors are JSON like everywhere."""
        if (preflight := self.origins.preflight(request, METHODS)) is not None:
            return preflight
        log_under(request.state["request_id"])
        shop: str | None = None
        try:
            shop, response = await self._answer(request)
        except HttpRefusal as refusal:
            body = {"errors": [of_gateway_error(refusal.error)]}
            response = json_response(body, refusal.status, headers=refusal.headers)
        except Exception:
            logger.exception("unexpected error")
            error = GatewayError("Internal error.", requestId=request.state["request_id"])
            response = json_response({"errors": [of_gateway_error(error)]}, HTTPStatus.INTERNAL_SERVER_ERROR)
        self.origins.add_to(response, request, shop)
        return response

    async def _answer(self, request: HttpRequest) -> tuple[str, HttpResponse]:
        """Whose answer it is, and the answer."""
        if request.method not in {"POST", "DELETE"}:
            raise method_not_allowed("Use POST to begin a session, DELETE to end it.", allow=METHODS)
        carried = carried_by(request)
        try:
            if request.method == "POST":
                session = await self._session(request, carried)
                return session.viewer.shop, json_response(self._begun(session), HTTPStatus.OK)
            session = await self.sessions.session_of(carried)
        except (Unauthenticated, TwoFactorRequired) as error:
            raise unauthenticated(error) from None
        except (Forbidden, BadUserInput) as error:
            raise forbidden(error) from None
        if session.viewer.tool is not None and session.viewer.session_id is None:
            raise _no_session()
        await self._end(session, request.parameter("everywhere"))
        ended = HttpResponse(HTTPStatus.NO_CONTENT, {b"cache-control": b"private, no-store"})
        return session.viewer.shop, ended

    async def _session(self, request: HttpRequest, carried: Carried) -> Session:
        """The session that one of the gateway's own is made of."""
        token = request.header(b"x-recharge-access-token")
        if token is None or carried.proxied is not None:
            return await self.sessions.session_of(carried)
        if carried.authorization is not None:
            raise bad_request("Send one session: `Authorization`, or `X-Recharge-Access-Token`.")
        shop = self.sessions.shop_named(carried.shop)
        await self.throttle.take(Viewer(shop=shop), request, EXCHANGE_COST)
        try:
            return await self.recharge.session(shop, request.header(b"x-recharge-customer-id") or "", token)
        except BackendThrottled as error:
            raise unavailable(error, error.retry_after_seconds) from None
        except BackendError as error:
            raise unavailable(error) from None

    def _begun(self, session: Session) -> dict[str, Any]:
        """A token of the gateway's own for the customer whom somebody vouches for; null where nobody is logged in.

        Raises:
            Unauthenticated: It is the gateway's own already: whoever goes on logs in anew.
            HttpRefusal: The backend does not say which customer it is, or it is a tool.
        """
        viewer = session.viewer
        if viewer.tool is not None:
            raise _no_session()
        if isinstance(viewer.unresolved, BackendError):
            raise unavailable(viewer.unresolved)
        if viewer.customer_id is None:
            return {"token": None, "customerId": None, "expiresAt": None}
        if not session.is_exchangeable:
            raise invalid()
        now = int(time.time())
        lasts_seconds = self.lifetime_seconds
        if session.becomes is not None:
            lasts_seconds = min(lasts_seconds, int(session.until) - now)
        token = self.tokens.mint(
            viewer.shop, viewer.customer_id, lifetime_seconds=lasts_seconds, session_id=session.becomes
        )
        until = datetime.fromtimestamp(now + lasts_seconds, UTC)
        return {
            "token": token,
            "customerId": str(viewer.customer_id),
            "expiresAt": until.isoformat().replace("+00:00", "Z"),
        }

    async def _end(self, session: Session, everywhere: str | None) -> None:
        """Revoke a session, or all of its customer's."""
        if everywhere not in {"true", "false", None}:
            raise bad_request("`everywhere` is true or false.")
        viewer = session.viewer
        if everywhere == "true" and viewer.tool is not None:
            raise bad_request("A tool ends its own token, and nobody's sessions.")
        if everywhere == "true" and viewer.customer_id is not None:
            revocation = of_customer(viewer.shop, viewer.customer_id, lifetime_seconds=LONGEST_SECONDS)
        elif viewer.session_id is not None:
            # The session that it was made of may outlive it, and must not begin it again.
            until = max(session.until, time.time() + LASTS_SECONDS)
            revocation = of_session(viewer.session_id, until=until)
        else:
            raise bad_request("This is no session that can be ended by itself: ask with `?everywhere=true`.")
        try:
            await self.log.append(revocation)
        except BackendError as error:
            raise unavailable(error) from None


def _no_session() -> HttpRefusal:
    return bad_request(
        "A tool has no session: its key is taken out of the settings, a token with `jti` is ended by DELETE."
    )
