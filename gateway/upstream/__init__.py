"""HTTP out: look-ups against backends of which this package knows no endpoint."""

from gateway.upstream.client import Backend
from gateway.upstream.deadline import Deadline
from gateway.upstream.journal import Call, Journal
from gateway.upstream.loader import Loader, Loads
from gateway.upstream.lookup import Listing, Lookup, Page, PageKey, Record
from gateway.upstream.upstream import Access, Upstream

__all__ = [
    "Access",
    "Backend",
    "Call",
    "Deadline",
    "Journal",
    "Listing",
    "Loader",
    "Loads",
    "Lookup",
    "Page",
    "PageKey",
    "Record",
    "Upstream",
]
