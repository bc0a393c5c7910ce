"""What is done once only, however often it is asked for: across retries, processes and crashes."""

from gateway.idempotency.ledger import Ledger, LedgerDown
from gateway.idempotency.memory import MemoryLedger
from gateway.idempotency.once import Attempt, Codec, Once
from gateway.idempotency.shared import SharedLedger

__all__ = ["Attempt", "Codec", "Ledger", "LedgerDown", "MemoryLedger", "Once", "SharedLedger"]
