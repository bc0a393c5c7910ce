"""What a field may ask for."""

import strawberry

from resolvers import Resolvers

Info = strawberry.Info[Resolvers, None]
"""A resolver's second argument: `info.context` is the request's own `Resolvers`."""
