"""The promises by their numbers, and which tests of `make test` hold their outcomes."""

from collections.abc import Mapping
from typing import NamedTuple


class Promise(NamedTuple):
    """One of them, in the words of docs/reliability.md."""

    words: str
    held_by: str
    """What asserts outcomes and counts without a clock."""


PROMISES: Mapping[str, Promise] = {
    "R1": Promise(
        "a hung backend costs its own fields only, and no more time than the deadline",
        "`tests/test_outages.py` for every query document and kind of backend",
    ),
    "R2": Promise("one backend's calls never take another's connections", "`tests/test_outages.py`"),
    "R3": Promise(
        "retries have a budget: one for ten calls, none of writes",
        "`test_resilience.py`: 200 calls, 20 of them failing with three retries allowed: at most 230 sent",
    ),
    "R4": Promise(
        "a breaker opens at 20 calls and half of them failed, within a second where it is busy, tries with three "
        "at a time, ignores cancellations",
        "`test_resilience.py`: opens at the 20th failure; 3 probes of 50 callers; closed by them",
    ),
    "R5": Promise(
        "the deadline travels: a backend is told what remains, and nothing is asked after the end",
        "`test_resilience.py`, `tests/test_http_caching.py`: a client's 700 ms reach backends as at most 680",
    ),
    "R6": Promise("Redis killed and started again costs no query", "`tests/gateway/upstream/test_cache.py`"),
    "R7": Promise("Redis frozen costs no query", "`tests/gateway/upstream/test_cache.py`: 0 of 41 look-ups failed"),
    "R8": Promise("a thousand misses are one call", "`test_cache.py`; refreshes are one over two processes"),
    "R9": Promise(
        "no call for each row",
        "`tests/test_rest_calls.py` lists the calls of every document; portal of 20 subscriptions: 10 calls, 3 rounds",
    ),
    "R10": Promise(
        "SIGTERM drops nothing",
        "`tests/gateway/test_draining.py`; by hand, 40 clients, 4 workers restarted: 4,211 answered, 0 dropped",
    ),
    "R11": Promise(
        "a killed worker is replaced, and costs what it was answering",
        "`tests/gateway/test_workers.py`; by hand, without load: serving again after 0.14 to 0.54 s",
    ),
    "R12": Promise(
        "a stuck worker is noticed and replaced",
        "`tests/gateway/test_workers.py`; by hand, without load: noticed after 2.0 s, serving again after 2.4 s",
    ),
    "R13": Promise(
        "three times too much is refused fast, and as much as before is answered",
        "`edge/test_shedding.py`: no idle loop, busy loop or single pause of half a second refuses anything",
    ),
    "R14": Promise("under overload mutations and checkout go before widgets", "`edge/test_shedding.py`"),
    "R15": Promise("a noisy tenant slows nobody else", "`tests/gateway/edge/`"),
    "R16": Promise("a quota's store that is down refuses nobody", "`tests/gateway/edge/`"),
    "R17": Promise(
        "a mutation is done once",
        "`tests/mutations/test_once.py`, `test_many_at_once.py`: 1,000 keys, each sent three times at once, two thirds "
        "of the answers lost: 1,000 applied",
    ),
    "R18": Promise("no write is sent twice by itself", "`tests/mutations/test_failures.py`: 0 resends"),
    "R19": Promise(
        "webhooks apply once, in order, forged never",
        "`tests/gateway/edge/events/`; `tests/test_events.py` from a change in a backend to every process's next "
        "answer, `tests/test_cdn.py` to the next page view through Varnish; `tests/backends/test_webhooks.py` for "
        "their sender",
    ),
    "R20": Promise(
        "no shopper sees anything of another",
        "`tests/isolation` through HTTP, `tests/gateway/upstream/test_isolation.py`, `tests/gateway/edge/sessions/`; "
        "in long runs 100,000 requests of 10,000 shoppers for each kind of backend, 77,577 to 77,650 of them "
        "pipelined, 2,870 to 3,037 left by their client, 8,815 to 18,791 lies of backends: 0 foreign values in bodies, "
        "141,909 (fleet), 298,780 (shop) and 303,766 (none) calls, and 15,703, 22,456 and 42,016 lines of the log",
    ),
    "R21": Promise(
        "look-ups are shared and never cancelled by one who leaves",
        "`tests/gateway/upstream/`, `tests/gateway/edge/test_client_left.py`",
    ),
    "R22": Promise(
        "a mutation is seen through when its client leaves, and a read is cancelled",
        "`tests/mutations/test_failures.py`: client gone after 50 ms: both mutations of its document done, once; "
        "`edge/test_client_left.py`: each call of a read is cut, unless another request waits for it",
    ),
    "R23": Promise(
        "what a backend sends wrongly costs its own fields, and hardly more memory than an answer may have",
        "`tests/test_outages.py`",
    ),
    "R24": Promise("starts with everything down, and recovers alone", "nothing yet"),
    "R25": Promise(
        "hostile bytes cost no 5xx and no time",
        "`tests/gateway/edge/test_attacks.py`, `test_kept_documents.py`, `tests/gateway/test_protocol.py`; "
        "`tests/clients/test_fuzzing.py`: "
        "schemathesis, with 60 operations for each of 28 fields as a shopper and as a visitor, finds 0 failures",
    ),
    "R26": Promise("slow senders, large heads, idle sockets are bounded", "`tests/gateway/test_protocol.py`"),
    "R27": Promise(
        "nothing leaks",
        "`tests/gateway/test_reloading.py` for reloads; memory over 100,000 sessions 269 to 272 MiB (`make bench`)",
    ),
    "R28": Promise(
        "as the specification of GraphQL over HTTP has it",
        "`tests/clients/test_audit.py`: 61 of 61 audits, 57 with introspection closed; Apollo Client, urql and Relay "
        "in `tests/clients/test_clients.py`",
    ),
    "R29": Promise("clock jumps change nothing", "deadlines, breakers and memory are on the monotonic clock"),
    "R30": Promise(
        "observing costs little, and exporters that are gone nothing",
        "`tests/gateway/metrics`: metrics are collected from a listener of their own, nothing is sent anywhere",
    ),
}


def number_of(promise: str) -> int:
    """Of `R12`, 12: their order."""
    return int(promise.removeprefix("R"))
