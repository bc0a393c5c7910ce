"""The REST calls of one look-up, recorded for everyone who waits for it."""

import re
from collections.abc import Mapping
from urllib.parse import quote_plus

from gateway.errors import BackendRejected
from gateway.upstream.deadline import Deadline
from gateway.upstream.journal import Call, Journal
from gateway.upstream.tenant import Tenant


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

    async def get(
        self,
        tenant: Tenant,
        customer_id: int | None,
        path: str,
        params: Mapping[str, str],
        *,
        headers: Mapping[str, str],
        hidden: str | None = None,
    ) -> bytes | None:
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
        own = tenant.access.params
        target = f"{path}?{encoded_query({**params, **own} if own else params)}" if params or own else path
        shown = "&".join([f"{name}={'…' if name == hidden else value}" for name, value in params.items()])
        shown = f"{path}?{shown}" if shown else path
        if tenant.sessions is None or customer_id is None:
            return await self._get(tenant, target, shown, {**tenant.access.headers, **headers})
        session = await tenant.sessions.headers(customer_id, self)
        try:
            return await self._get(tenant, target, shown, {**tenant.access.headers, **session, **headers})
        except BackendRejected as error:
            if error.status != 401:
                raise
        # The session ended before its time; one that is new is asked once.
        tenant.sessions.forget(customer_id, session)
        session = await tenant.sessions.headers(customer_id, self)
        return await self._get(tenant, target, shown, {**tenant.access.headers, **session, **headers})

    async def _get(self, tenant: Tenant, target: str, shown: str, headers: Mapping[str, str]) -> bytes | None:
        return await tenant.backend.send(
            "GET", target, shown=shown, headers=headers, record=self, rate_limit=tenant.rate_limit
        )

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


_IS_PLAIN = re.compile(r"[A-Za-z0-9_.~,:-]*").fullmatch
"""Whether a value stands in a query as it is, as nearly all do. Recharge joins lists with a raw comma, and so do we."""


def encoded_query(params: Mapping[str, str]) -> str:
    """What `urlencode(params, safe=",:")` makes of parameters whose names need no encoding, in a fifth of the time."""
    return "&".join(
        [f"{name}={value if _IS_PLAIN(value) else quote_plus(value, safe=',:')}" for name, value in params.items()]
    )
