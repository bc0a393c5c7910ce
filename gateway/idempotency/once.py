"""One shopper's mutations, each carried out once for each key."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Generic, TypeVar

import msgspec
import structlog

from gateway.errors import BadUserInput, GatewayError, IdempotencyMismatch, LedgerUnavailable, OutcomeUnknown
from gateway.idempotency.ledger import Busy, Done, Ledger, LedgerDown, Mine, Mismatch
from gateway.upstream.deadline import Deadline

logger = structlog.get_logger(__name__)

T = TypeVar("T")

KEY_CHARACTERS = 255
RETRY_AFTER_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Codec(Generic[T]):
    """How an outcome is kept: bytes that the next release can read too, never pickled."""

    encode: Callable[[T], bytes]
    decode: Callable[[bytes], T]
    is_kept: Callable[[T], bool] = lambda _: True
    """Whether an outcome is the answer for good. One that says "try again" is not."""


@dataclass(slots=True)
class Attempt:
    """One go at a mutation."""

    note: bytes | None = None
    """What an earlier attempt with the same key noted before it sent something: look before sending again."""
    sent_seconds_ago: float | None = None
    """When it did."""
    name: str = ""
    """Names the mutation in claims."""
    service: str = ""
    """The backend that it is for."""
    needs_ledger: bool = False
    """Whether carrying it out twice would do more than once."""
    noted: bytes | None = None
    """What this attempt noted; None until something is about to be sent."""
    is_keyed: bool = False
    """Whether there may be other attempts at the same."""
    _ledger: Ledger | None = None
    _owner: str = ""

    async def keep(self, note: bytes) -> None:
        """Note what is about to be sent; nothing may be sent before this returns.

        Raises:
            LedgerUnavailable: It has to be noted and cannot be, or another attempt has taken over.
        """
        try:
            is_mine = not self.is_keyed or self._ledger is None or await self._ledger.note(self.name, self._owner, note)
        except LedgerDown as down:
            if self.needs_ledger:
                raise LedgerUnavailable(
                    self.service, cause=str(down), retry_after_seconds=RETRY_AFTER_SECONDS
                ) from None
            is_mine = True
        if not is_mine:
            raise LedgerUnavailable(self.service, cause="the lease ended", retry_after_seconds=RETRY_AFTER_SECONDS)
        self.noted = note

    def may_be_done(self, failure: BaseException) -> bool:
        """Whether something may have been done, now that the attempt failed like this."""
        if self.note is not None or isinstance(failure, OutcomeUnknown):
            return True
        # A failure of ours says that nothing was done; any other one may have come after the fact.
        return self.noted is not None and not isinstance(failure, GatewayError)

    async def claim(self, thing: str) -> bool:
        """Whether a thing that was made or found belongs to this mutation, and to no other; not so when in doubt."""
        try:
            return self._ledger is not None and await self._ledger.claim(thing, self.name)
        except LedgerDown as down:
            logger.warning("ledger down, nothing claimed", service=self.service, cause=str(down))
            return False


@dataclass(frozen=True, slots=True)
class Once:
    """The ledger as one shopper's request uses it."""

    ledger: Ledger
    scope: tuple[str, int | None]
    """Shop and customer: nobody's key is anybody else's."""
    deadline: Deadline
    settle_seconds: float
    """How long after a write broke off it may still arrive."""

    async def run(
        self,
        operation: str,
        key: str | None,
        given: object,
        perform: Callable[[Attempt], Awaitable[T]],
        *,
        service: str,
        codec: Codec[T],
        needs_ledger: bool = False,
    ) -> T:
        """Carry a mutation out, or answer what came of it before.

        Args:
            operation: The mutation's name; the same key of another one is another key.
            key: The caller's; None to go without.
            given: All of its input, as JSON can hold it.
            perform: Carries it out.
            service: The backend that it is for, as errors name it.
            codec: How the outcome is kept.
            needs_ledger: Whether carrying it out twice would do more than once; then it is not begun without a ledger.

        Raises:
            BadUserInput: It is no key.
            IdempotencyMismatch: The key came before, with another input.
            OutcomeUnknown: Another attempt is at it until the deadline.
            LedgerUnavailable: It needs the ledger, which is down.
        """
        if key is None:
            return await perform(Attempt(name=secrets.token_hex(16), service=service, _ledger=self.ledger))
        if not 1 <= len(key) <= KEY_CHARACTERS or not key.isprintable():
            raise BadUserInput(f"`idempotencyKey` has from 1 to {KEY_CHARACTERS} printable characters, such as a UUID.")
        name = _digest([*self.scope, operation, key])
        owner = secrets.token_hex(16)
        try:
            began = await self._begin(name, _digest(given), owner, service)
        except LedgerDown as down:
            if needs_ledger:
                raise LedgerUnavailable(service, cause=str(down), retry_after_seconds=RETRY_AFTER_SECONDS) from None
            logger.warning("ledger down, going on without", operation=operation, cause=str(down))
            return await perform(Attempt(service=service))
        if isinstance(began, Done):
            return codec.decode(began.outcome)
        attempt = Attempt(
            began.note,
            began.sent_seconds_ago,
            name,
            service,
            needs_ledger=needs_ledger,
            is_keyed=True,
            _ledger=self.ledger,
            _owner=owner,
        )
        async with self._closing(attempt, name, owner, operation):
            outcome = await perform(attempt)
        await self._end(codec, outcome, name, owner, operation)
        return outcome

    @asynccontextmanager
    async def alone(self, name: str, attempt: Attempt) -> AsyncIterator[None]:
        """Let the shopper be at one thing only, in all processes; what has no key is not held up.

        Raises:
            LedgerUnavailable: The ledger is down, or another attempt is at it until the deadline; nothing was done.
        """
        if not attempt.is_keyed:
            yield
            return
        held = self.ledger.alone(_digest([*self.scope, name]), secrets.token_hex(16), self.deadline)
        try:
            await held.__aenter__()
        except (LedgerDown, TimeoutError) as error:
            cause = str(error) or "another attempt took too long"
            raise LedgerUnavailable(attempt.service, cause=cause, retry_after_seconds=RETRY_AFTER_SECONDS) from None
        try:
            yield
        finally:
            await held.__aexit__(None, None, None)

    async def _begin(self, name: str, fingerprint: str, owner: str, service: str) -> Mine | Done:
        while True:
            began = await self.ledger.begin(name, fingerprint, owner)
            if isinstance(began, Mismatch):
                raise IdempotencyMismatch(
                    "This idempotencyKey came before with another input: a new intent takes a new key."
                )
            if not isinstance(began, Busy):
                return began
            if (left := self.deadline.remaining_seconds()) <= 0:
                raise OutcomeUnknown(service, cause="another attempt with the key is still running")
            await self.ledger.wait(name, left)

    @asynccontextmanager
    async def _closing(self, attempt: Attempt, name: str, owner: str, operation: str) -> AsyncIterator[None]:
        """Leave the entry as what is known of it when the attempt fails."""
        try:
            yield
        except BaseException as failure:
            # What may have been done has to be looked for; what was certainly not done may be tried like new.
            try:
                if attempt.may_be_done(failure):
                    await self.ledger.leave(name, owner, has_sent=attempt.noted is not None)
                else:
                    await self.ledger.release(name, owner)
            except LedgerDown as down:
                logger.warning("ledger down, a lease has to end by itself", operation=operation, cause=str(down))
            raise

    async def _end(self, codec: Codec[T], outcome: T, name: str, owner: str, operation: str) -> None:
        try:
            if codec.is_kept(outcome):
                await self.ledger.finish(name, owner, codec.encode(outcome))
            else:
                await self.ledger.release(name, owner)
        except LedgerDown as down:
            # It is done; a repetition finds its lease ended, looks, and finds it done.
            logger.warning("ledger down after the fact", operation=operation, cause=str(down))


def _digest(of: object) -> str:
    return blake2b(msgspec.json.encode(of), digest_size=24).hexdigest()
