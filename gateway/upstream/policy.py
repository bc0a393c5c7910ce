"""How long answers are kept, as named values beside each look-up."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """All times are ages: seconds since the answer was asked for."""

    name: str
    fresh_seconds: float
    """So long an answer is as good as a new one."""
    revalidating_seconds: float = 0
    """So long it is still given, while one refresh is under way."""
    on_error_seconds: float = 0
    """So long it is given where the backend fails, and marked as stale."""
    is_public: bool = False
    """The same for every shopper of the shop; what is not is kept for one shopper, in the process that asked."""
