"""Refusals as data: what the shopper can mend."""

import strawberry


@strawberry.interface(description="Something that the shopper can mend.")
class DisplayableError:
    field: list[str] | None = strawberry.field(description="Path of the input that it is about; null for all of it.")
    message: str = strawberry.field(description="What is wrong, in words.")
