"""What makes a call a shop's."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, eq=False)
class Access:
    """What makes a call this shop's: the dialect's credential headers and tenant parameters. Equal to itself only."""

    headers: Mapping[str, str]
    params: Mapping[str, str] = field(default_factory=dict)
