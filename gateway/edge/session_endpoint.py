"""DELETE /session: logging out."""

from dataclasses import dataclass
from http import HTTPStatus

import structlog
from starlette.requests import Request
from starlette.responses import Response

from gateway.edge.masking import of_gateway_error
from gateway.edge.refusals import HttpRefusal, bad_request, method_not_allowed, unauthenticated, unavailable
from gateway.edge.responses import json_response
from gateway.edge.sessions import RevocationLog, Sessions, of_customer, of_session
from gateway.errors import BackendError, GatewayError, Unauthenticated

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SessionEndpoint:
    """The endpoint that ends sessions."""

    sessions: Sessions
    log: RevocationLog
    lifetime_seconds: int
    """How long the longest session lasts."""

    async def __call__(self, request: Request) -> Response:
        """Answer a request; errors are JSON like everywhere."""
        try:
            await self._end(request)
        except HttpRefusal as refusal:
            return json_response({"errors": [of_gateway_error(refusal.error)]}, refusal.status, headers=refusal.headers)
        except Exception:
            logger.exception("unexpected error")
            error = GatewayError("Internal error.", requestId=request.state.request_id)
            return json_response({"errors": [of_gateway_error(error)]}, HTTPStatus.INTERNAL_SERVER_ERROR)
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"Cache-Control": "private, no-store"})

    async def _end(self, request: Request) -> None:
        """Revoke the session that the request carries, or with `?everywhere=true` all of its customer's."""
        if request.method != "DELETE":
            raise method_not_allowed("Use DELETE to log out.", allow="DELETE")
        everywhere = request.query_params.get("everywhere", "false")
        if everywhere not in {"true", "false"}:
            raise bad_request("`everywhere` is true or false.")
        try:
            session = await self.sessions.session_of(request.headers.get("authorization", ""))
        except Unauthenticated as error:
            raise unauthenticated(error) from None
        viewer = session.viewer
        if everywhere == "true" and viewer.customer_id is not None:
            revocation = of_customer(viewer.shop, viewer.customer_id, lifetime_seconds=self.lifetime_seconds)
        elif viewer.session_id is not None:
            revocation = of_session(viewer.session_id, until=session.until)
        else:
            raise bad_request("This is no session that can be ended: a key is taken out of the settings.")
        try:
            await self.log.append(revocation)
        except BackendError as error:
            raise unavailable(error) from None
