"""What can be looked up by its global id alone."""

import strawberry


@strawberry.interface(description="An object with a global id by which `node` finds it.")
class Node:
    id: strawberry.ID = strawberry.field(description="Global id.")
