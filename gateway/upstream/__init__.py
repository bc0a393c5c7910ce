"""HTTP out: look-ups against backends of which this package knows no endpoint."""

from gateway.upstream.access import Access
from gateway.upstream.ask import Ask
from gateway.upstream.bulk import BulkForm
from gateway.upstream.cache import Cache
from gateway.upstream.calls import Calls
from gateway.upstream.client import Backend
from gateway.upstream.coalescing import Coalescer
from gateway.upstream.command import Command, Nothing
from gateway.upstream.deadline import Deadline
from gateway.upstream.events import Change, Topic
from gateway.upstream.journal import Call, Journal
from gateway.upstream.listing import Listing, Page, PageKey
from gateway.upstream.loader import Loader, Loads
from gateway.upstream.locks import Locks
from gateway.upstream.lookup import Lookup, Record
from gateway.upstream.memory import Memory
from gateway.upstream.policy import Policy
from gateway.upstream.rates import RateLimit
from gateway.upstream.refusals import Problem, Refused
from gateway.upstream.resilience import Breaker, State
from gateway.upstream.sessions import SessionForm, SessionTokens
from gateway.upstream.shared import SharedCache
from gateway.upstream.tags import Kind, is_owned, tag
from gateway.upstream.tenant import Bulk, Tenant
from gateway.upstream.upstream import Upstream
from gateway.upstream.writer import Writer
from gateway.upstream.writes import Announce, Writes

__all__ = [
    "Access",
    "Announce",
    "Ask",
    "Backend",
    "Breaker",
    "Bulk",
    "BulkForm",
    "Cache",
    "Call",
    "Calls",
    "Change",
    "Coalescer",
    "Command",
    "Deadline",
    "Journal",
    "Kind",
    "Listing",
    "Loader",
    "Loads",
    "Locks",
    "Lookup",
    "Memory",
    "Nothing",
    "Page",
    "PageKey",
    "Policy",
    "Problem",
    "RateLimit",
    "Record",
    "Refused",
    "SessionForm",
    "SessionTokens",
    "SharedCache",
    "State",
    "Tenant",
    "Topic",
    "Upstream",
    "Writer",
    "Writes",
    "is_owned",
    "tag",
]
