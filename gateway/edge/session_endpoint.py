"""/session: POST makes a session of the gateway's own, DELETE ends one."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import Response

from gateway.edge.masking import of_gateway_error
from gateway.edge.refusals import HttpRefusal, bad_request, forbidden, method_not_allowed, unauthenticated, unavailable
from gateway.edge.responses import json_response
from gateway.edge.sessions import (
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
from gateway.errors import BackendError, BadUserInput, Forbidden, GatewayError, Unauthenticated

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SessionEndpoint:
    """The endpoint for sessions, as such and through the app proxy."""

    sessions: Sessions
    tokens: SignedTokens
    log: RevocationLog
    lifetime_seconds: int
    """How long a session lasts that begins here."""

    async def __call__(self, request: Request) -> Response:
        """Answer a request; errors are JSON like everywhere."""
        try:
            return await self._answer(request)
        except HttpRefusal as refusal:
            return json_response({"errors": [of_gateway_error(refusal.error)]}, refusal.status, headers=refusal.headers)
        except Exception:
            logger.exception("unexpected error")
            error = GatewayError("Internal error.", requestId=request.state.request_id)
            return json_response({"errors": [of_gateway_error(error)]}, HTTPStatus.INTERNAL_SERVER_ERROR)

    async def _answer(self, request: Request) -> Response:
        if request.method not in {"POST", "DELETE"}:
            raise method_not_allowed("Use POST to begin a session, DELETE to end it.", allow="POST, DELETE")
        try:
            session = await self.sessions.session_of(carried_by(request))
            if session.viewer.tool is not None:
                raise bad_request("A tool's key is no session: it is taken out of the settings.")
            if request.method == "POST":
                return json_response(self._begun(session), HTTPStatus.OK)
        except Unauthenticated as error:
            raise unauthenticated(error) from None
        except (Forbidden, BadUserInput) as error:
            raise forbidden(error) from None
        await self._end(session, request.query_params.get("everywhere", "false"))
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"Cache-Control": "private, no-store"})

    def _begun(self, session: Session) -> dict[str, Any]:
        """A token of the gateway's own for the customer whom Shopify vouches for; null where nobody is logged in.

        Raises:
            Unauthenticated: It is the gateway's own already: whoever goes on logs in anew.
            HttpRefusal: The backend does not say which customer it is.
        """
        viewer = session.viewer
        if isinstance(viewer.unresolved, BackendError):
            raise unavailable(viewer.unresolved)
        if viewer.customer_id is None:
            return {"token": None, "customerId": None, "expiresAt": None}
        if not session.is_exchangeable:
            raise invalid()
        token = self.tokens.mint(viewer.shop, viewer.customer_id, lifetime_seconds=self.lifetime_seconds)
        until = datetime.fromtimestamp(int(time.time()) + self.lifetime_seconds, UTC)
        return {
            "token": token,
            "customerId": str(viewer.customer_id),
            "expiresAt": until.isoformat().replace("+00:00", "Z"),
        }

    async def _end(self, session: Session, everywhere: str) -> None:
        """Revoke a session, or all of its customer's."""
        if everywhere not in {"true", "false"}:
            raise bad_request("`everywhere` is true or false.")
        viewer = session.viewer
        if everywhere == "true" and viewer.customer_id is not None:
            revocation = of_customer(viewer.shop, viewer.customer_id, lifetime_seconds=LONGEST_SECONDS)
        elif viewer.session_id is not None:
            revocation = of_session(viewer.session_id, until=session.until)
        else:
            raise bad_request("This is no session that can be ended by itself: ask with `?everywhere=true`.")
        try:
            await self.log.append(revocation)
        except BackendError as error:
            raise unavailable(error) from None
