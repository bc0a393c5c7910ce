"""The moment by which an operation has to be over."""

import time
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point on the monotonic clock, so that a jump of the wall clock changes nothing."""

    at_seconds: float

    @classmethod
    def after(cls, seconds: float) -> Self:
        """The deadline that many seconds from now."""
        return cls(time.monotonic() + seconds)

    def remaining_seconds(self) -> float:
        """What is left; negative when it has passed."""
        return self.at_seconds - time.monotonic()
