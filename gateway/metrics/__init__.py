"""Numbers about a process, for Prometheus to collect: none of them costs a label look-up or a lock for each field."""

from gateway.metrics.answers import LEFT, AnswerMetrics
from gateway.metrics.calls import CallMetrics, outcome_of
from gateway.metrics.events import EventMetrics
from gateway.metrics.listener import MetricsAt, listening
from gateway.metrics.lookups import LookupMetrics
from gateway.metrics.process import Metrics
from gateway.metrics.state import CLOSED, observed, worst_states

__all__ = [
    "CLOSED",
    "LEFT",
    "AnswerMetrics",
    "CallMetrics",
    "EventMetrics",
    "LookupMetrics",
    "Metrics",
    "MetricsAt",
    "listening",
    "observed",
    "outcome_of",
    "worst_states",
]
