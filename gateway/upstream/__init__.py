"""HTTP out: look-ups against backends of which this package knows no endpoint."""

from gateway.upstream.access import Access
from gateway.upstream.ask import Ask
from gateway.upstream.bulk import BulkForm
from gateway.upstream.client import Backend
from gateway.upstream.coalescing import Coalescer
from gateway.upstream.deadline import Deadline
from gateway.upstream.journal import Call, Journal
from gateway.upstream.listing import Listing, Page, PageKey
from gateway.upstream.loader import Loader, Loads
from gateway.upstream.lookup import Lookup, Record
from gateway.upstream.sessions import SessionForm, SessionTokens
from gateway.upstream.tenant import Bulk, Tenant
from gateway.upstream.upstream import Upstream

__all__ = [
    "Access",
    "Ask",
    "Backend",
    "Bulk",
    "BulkForm",
    "Call",
    "Coalescer",
    "Deadline",
    "Journal",
    "Listing",
    "Loader",
    "Loads",
    "Lookup",
    "Page",
    "PageKey",
    "Record",
    "SessionForm",
    "SessionTokens",
    "Tenant",
    "Upstream",
]
