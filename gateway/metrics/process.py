"""All numbers of a process, which outlive a reload of its settings."""

from dataclasses import dataclass
from typing import Self

from prometheus_client import CollectorRegistry, ProcessCollector, disable_created_metrics

from gateway.metrics.answers import AnswerMetrics
from gateway.metrics.calls import CallMetrics
from gateway.metrics.events import EventMetrics
from gateway.metrics.lookups import LookupMetrics
from gateway.metrics.loop import LoopMetrics


@dataclass(frozen=True, slots=True)
class Metrics:
    """What each part of the gateway counts.

    Labels are names that are known ahead: of trusted operations, services, paths without ids, codes. What a client or a
    backend may make up never becomes one, nor does anything that says whose request it was.
    """

    answers: AnswerMetrics
    calls: CallMetrics
    lookups: LookupMetrics
    events: EventMetrics
    loop: LoopMetrics
    registry: CollectorRegistry

    @classmethod
    def of_process(cls) -> Self:
        """Those of a process that starts, with its memory, processor time and open files."""
        # When each series began: twice the lines, and Prometheus does not ask for them.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library types nothing here
        registry = CollectorRegistry(auto_describe=True)
        ProcessCollector(registry=registry)
        return cls(
            answers=AnswerMetrics(registry),
            calls=CallMetrics(registry),
            lookups=LookupMetrics(registry),
            events=EventMetrics(registry),
            loop=LoopMetrics(registry),
            registry=registry,
        )
