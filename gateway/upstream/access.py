"""What makes a call a shop's."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.upstream.queries import encoded_query


@dataclass(frozen=True, slots=True, eq=False)
class Access:
    """What makes a call this shop's: the dialect's credential headers and tenant parameters. Equal to itself only."""

    headers: Mapping[str, str]
    params: Mapping[str, str] = field(default_factory=dict)
    """Of names that no look-up gives to its own."""
    query: str = field(init=False)
    """The parameters, encoded."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "query", encoded_query(self.params))
