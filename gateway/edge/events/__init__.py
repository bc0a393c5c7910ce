"""Events in: verified, taken once and in order, told to every process that keeps answers, and to the CDN."""

from gateway.edge.events.cdn import Cdn
from gateway.edge.events.cdn_queue import LocalCdnQueue, SharedCdnQueue
from gateway.edge.events.endpoint import WebhookEndpoint
from gateway.edge.events.local_log import LocalEventLog
from gateway.edge.events.log import Event, EventLog, Keeper
from gateway.edge.events.redis_log import RedisEventLog

__all__ = [
    "Cdn",
    "Event",
    "EventLog",
    "Keeper",
    "LocalCdnQueue",
    "LocalEventLog",
    "RedisEventLog",
    "SharedCdnQueue",
    "WebhookEndpoint",
]
