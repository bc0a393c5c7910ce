"""The REST calls of one look-up, recorded for everyone who waits for it."""

from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any

from gateway.errors import BackendRejected
from gateway.upstream.deadline import Deadline
from gateway.upstream.journal import Call, Journal
from gateway.upstream.queries import encoded_query
from gateway.upstream.sessions import SessionTokens
from gateway.upstream.tenant import Tenant

Answer = Coroutine[Any, Any, bytes | None]
"""The body, or None for 404."""


class Calls:
    """A look-up's way out: credentials, deadline, record. Requests may join while it is under way."""

    def __init__(self, deadline: Deadline, *journals: Journal) -> None:
        self.deadline = deadline
        self._journals = list(journals)
        self._made: list[Call] = []

    def join(self, deadline: Deadline, journal: Journal) -> None:
        """Let one more request wait: calls have until the latest deadline, and are in its journal too."""
        if deadline.at_seconds > self.deadline.at_seconds:
            self.deadline = deadline
        if journal not in self._journals:
            self._journals.append(journal)
            journal.calls.extend(self._made)
            for call in self._made:
                call.requests += 1

    def begin(self, service: str, request: str) -> Call:
        """Record a call that begins now; whoever makes it sets its status, and says when it ends."""
        call = Call(service, request, requests=len(self._journals))
        self._made.append(call)
        for journal in self._journals:
            journal.calls.append(call)
        return call

    def get(
        self,
        tenant: Tenant,
        customer_id: int | None,
        path: str,
        params: Mapping[str, str],
        *,
        headers: Mapping[str, str],
        hidden: str | None = None,
    ) -> Answer:
        """GET a path; the shop's headers and parameters are added.

        Args:
            tenant: Whose credential is sent.
            customer_id: The shopper whose own session goes instead, where the backend takes those.
            path: Percent-encoded.
            params: The query, values as they are.
            headers: Beside those of the shop's access.
            hidden: The parameter whose value is personal data and stays out of logs and journal.

        Returns:
            The body, or None for 404.
        """
        query, own = encoded_query(params), tenant.access.query
        shown = query if hidden is None else encoded_query(params, hidden)
        send = partial(
            tenant.backend.send,
            "GET",
            path,
            f"{query}&{own}" if query and own else query or own,
            shown=f"{path}?{shown}" if shown else path,
            record=self,
            rate_limit=tenant.rate_limit,
        )
        headers = {**tenant.access.headers, **headers}
        if tenant.sessions is None or customer_id is None:
            return send(headers=headers)
        return self._in_session(tenant.sessions, customer_id, send, headers)

    async def _in_session(
        self, sessions: SessionTokens, customer_id: int, send: Callable[..., Answer], headers: Mapping[str, str]
    ) -> bytes | None:
        """With the shopper's own session; one that ended before its time is asked for anew, once."""
        session = await sessions.headers(customer_id, self)
        try:
            return await send(headers={**headers, **session})
        except BackendRejected as error:
            if error.status != 401:
                raise
        sessions.forget(customer_id, session)
        session = await sessions.headers(customer_id, self)
        return await send(headers={**headers, **session})

    async def post_fleet(self, tenant: Tenant, path: str, body: bytes, *, headers: Mapping[str, str]) -> bytes | None:
        """POST a look-up for the fleet, with the credential that is good for all shops."""
        if tenant.fleet is None:
            raise BackendRejected(tenant.service, cause="there is no fleet token in the settings")
        return await tenant.backend.send(
            "POST",
            path,
            shown=path,
            body=body,
            headers={**tenant.fleet.headers, **headers, "Content-Type": "application/json"},
            record=self,
        )
