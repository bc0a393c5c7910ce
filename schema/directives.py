"""Directives that a document may carry."""

from typing import Any

import strawberry
from strawberry.directive import DirectiveLocation, DirectiveValue

from schema.iso import CountryCode, LanguageCode


@strawberry.directive(
    locations=[DirectiveLocation.QUERY, DirectiveLocation.MUTATION],
    description="For which country prices are, and in which language titles are. Unset arguments mean the store's own.",
)
def in_context(
    value: DirectiveValue[Any],
    country: CountryCode | None = strawberry.UNSET,  # noqa: ARG001  # read by the edge, before execution
    language: LanguageCode | None = strawberry.UNSET,  # noqa: ARG001
) -> Any:
    """Change nothing: the edge has read the arguments by then."""
    return value
