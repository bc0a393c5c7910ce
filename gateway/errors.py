"""The tree of failures, each class with the code that a client may rely on.

GatewayError                    INTERNAL               something of ours broke
├── BadUserInput                BAD_USER_INPUT         the caller sent a value that cannot be right
├── LimitExceeded               LIMIT_EXCEEDED         the caller asked for more than one request may
├── ParseFailed                 GRAPHQL_PARSE_FAILED   the document is not GraphQL
├── ValidationFailed            GRAPHQL_VALIDATION_FAILED   the document does not fit the schema
├── Throttled                   THROTTLED              the caller asked for too much at once; `retryAfter` in seconds
├── PersistedDocumentNotFound   PERSISTED_DOCUMENT_NOT_FOUND      no document has the `documentId`
├── PersistedDocumentIdRequired PERSISTED_DOCUMENT_ID_REQUIRED    only documents that were pushed before run
├── PersistedQueryNotFound      PERSISTED_QUERY_NOT_FOUND         nobody registered the digest: send the text with it
├── PersistedQueryNotSupported  PERSISTED_QUERY_NOT_SUPPORTED     nobody can register any
├── Unauthenticated             UNAUTHENTICATED        no session, or one that is expired, forged or another shop's
├── TwoFactorRequired           TWO_FACTOR_REQUIRED    the session lacks its second factor
├── Forbidden                   FORBIDDEN              the session is right and may not do this
├── Overloaded                  OVERLOADED             more is asked than can be answered; `retryAfter` in seconds
├── IdempotencyMismatch         IDEMPOTENCY_MISMATCH   the key was used before, for something else
└── BackendError                BACKEND_UNAVAILABLE    a backend failed; `service` names which
    ├── BackendBroken           BACKEND_UNAVAILABLE    it could not be reached, or broke off
    ├── BackendTimeout          BACKEND_TIMEOUT        it answered too late
    ├── BackendMalformed        BACKEND_UNAVAILABLE    it answered something that nobody can read
    ├── BackendRejected         BACKEND_UNAVAILABLE    it refused a request that we made wrongly
    ├── BackendThrottled        THROTTLED              it asks us to slow down; `retryAfter` in seconds
    ├── LedgerUnavailable       BACKEND_UNAVAILABLE    whether it was done before cannot be known now
    └── OutcomeUnknown          OUTCOME_UNKNOWN        it may have been done, and may not

`docs/errors.md` says what a widget should do about each code. graphql-core copies an exception's `extensions` into the
answer, so a resolver raises these and never imports GraphQL.
"""

from typing import Any, ClassVar


class GatewayError(Exception):
    """A failure whose message and extensions are meant for the client."""

    code: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str, **extensions: Any) -> None:
        super().__init__(message)
        self.message = message
        self.extensions: dict[str, Any] = {"code": self.code, **extensions}


class BadUserInput(GatewayError):
    """The caller sent a value that cannot be right; sending it again will not help."""

    code = "BAD_USER_INPUT"


class LimitExceeded(GatewayError):
    """The caller asked for more than one request may; `limit` names which limit."""

    code = "LIMIT_EXCEEDED"

    def __init__(self, message: str, *, limit: str) -> None:
        super().__init__(message, limit=limit)


class ParseFailed(GatewayError):
    """The document is not GraphQL."""

    code = "GRAPHQL_PARSE_FAILED"


class ValidationFailed(GatewayError):
    """The document does not fit the schema."""

    code = "GRAPHQL_VALIDATION_FAILED"


class Throttled(GatewayError):
    """The caller has asked for too much within a short time; `retryAfter` in seconds."""

    code = "THROTTLED"


class PersistedDocumentNotFound(GatewayError):
    """No document has the `documentId`."""

    code = "PERSISTED_DOCUMENT_NOT_FOUND"


class PersistedDocumentIdRequired(GatewayError):
    """Only documents that were pushed before run here."""

    code = "PERSISTED_DOCUMENT_ID_REQUIRED"


class PersistedQueryNotFound(GatewayError):
    """Nobody registered the digest; clients send the text with it then."""

    code = "PERSISTED_QUERY_NOT_FOUND"


class PersistedQueryNotSupported(GatewayError):
    """Queries cannot be registered here; clients send texts then."""

    code = "PERSISTED_QUERY_NOT_SUPPORTED"


class Unauthenticated(GatewayError):
    """No session, or one that is expired, forged or another shop's: log in again."""

    code = "UNAUTHENTICATED"


class TwoFactorRequired(GatewayError):
    """The session lacks its second factor: let the shopper prove again who they are."""

    code = "TWO_FACTOR_REQUIRED"


class Forbidden(GatewayError):
    """The session is right and may not do this."""

    code = "FORBIDDEN"


class Overloaded(GatewayError):
    """More is asked than the gateway can answer now; `retryAfter` says when to ask again."""

    code = "OVERLOADED"

    def __init__(self, *, retry_after_seconds: int) -> None:
        super().__init__("Too much is asked at the moment: ask again later.", retryAfter=retry_after_seconds)


class IdempotencyMismatch(GatewayError):
    """The key was used before, for something else: a new intent takes a new key."""

    code = "IDEMPOTENCY_MISMATCH"


class BackendError(GatewayError):
    """A backend failed; `service` names the domain, never a host. Asking again later may help."""

    code = "BACKEND_UNAVAILABLE"
    text: ClassVar[str] = "The {service} service is unavailable."

    def __init__(self, service: str, *, cause: str, **extensions: Any) -> None:
        """`cause` is for the log: it may name statuses and exceptions, never a shopper's data."""
        super().__init__(self.text.format(service=service), service=service, **extensions)
        self.service = service
        self.cause = cause


class BackendBroken(BackendError):
    """It could not be reached, or broke off; a second try at once may help, where trying twice does no harm."""


class BackendTimeout(BackendError):
    """The backend answered too late; asking again may help."""

    code = "BACKEND_TIMEOUT"
    text = "The {service} service took too long to answer."


class BackendMalformed(BackendError):
    """The backend answered something that nobody can read."""


class BackendRejected(BackendError):
    """The backend refused a request that the gateway made wrongly, or its credential."""

    def __init__(self, service: str, *, cause: str, status: int | None = None) -> None:
        super().__init__(service, cause=cause)
        self.status = status
        """The HTTP status; None when nothing was sent."""


class BackendThrottled(BackendError):
    """The backend asks us to slow down; `retryAfter` says for how many seconds."""

    code = "THROTTLED"
    text = "The {service} service is busy."

    def __init__(self, service: str, *, cause: str, retry_after_seconds: float) -> None:
        super().__init__(service, cause=cause, retryAfter=retry_after_seconds)
        self.retry_after_seconds = retry_after_seconds


class LedgerUnavailable(BackendError):
    """Whether it was done already cannot be known now, so it is not begun: ask again after `retryAfter` seconds."""

    text = "It cannot be made sure now that this is done once only in the {service} service, so it was not begun."

    def __init__(self, service: str, *, cause: str, retry_after_seconds: float) -> None:
        super().__init__(service, cause=cause, retryAfter=retry_after_seconds)
        self.retry_after_seconds = retry_after_seconds


class OutcomeUnknown(BackendError):
    """The backend may have done it, and may not: ask again with the same key, or look, and never repeat it blindly."""

    code = "OUTCOME_UNKNOWN"
    text = "The {service} service may or may not have done this: ask again with the same idempotencyKey."
