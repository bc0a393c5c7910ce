"""`@requiresScopes`: what only sessions with certain scopes may ask for."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeVar, cast

import strawberry
from strawberry.extensions.field_extension import AsyncExtensionResolver, FieldExtension, SyncExtensionResolver
from strawberry.schema_directive import Location
from strawberry.types.base import StrawberryObjectDefinition

from gateway.errors import Forbidden, Unauthenticated
from gateway.viewer import Viewer

T = TypeVar("T")

Scopes = list[list[str]]
"""Any of the inner lists will do; of that one, all scopes are needed."""


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION, Location.OBJECT, Location.INTERFACE],
    name="requiresScopes",
    description="What only sessions with certain scopes may ask for: all scopes of any of the inner lists. On a type "
    "it holds for each of its fields. For others a field is null, with FORBIDDEN.",
)
class RequiresScopes:
    scopes: list[list[str]]


class _Check(FieldExtension):
    """Stands before a resolver, in compiled execution as in graphql-core's; fields without it pay nothing."""

    def __init__(self, scopes: Scopes) -> None:
        self.scopes = scopes
        self._alternatives = [frozenset(each) for each in scopes]
        self._message = f"This needs the {in_words(scopes)}."

    def resolve(self, next_: SyncExtensionResolver, source: Any, info: strawberry.Info[Any, Any], **kwargs: Any) -> Any:
        """Resolve for those who may."""
        self._check(info.context.viewer)
        return next_(source, info, **kwargs)

    async def resolve_async(
        self, next_: AsyncExtensionResolver, source: Any, info: strawberry.Info[Any, Any], **kwargs: Any
    ) -> Any:
        """Resolve for those who may."""
        self._check(info.context.viewer)
        return await next_(source, info, **kwargs)

    def _check(self, viewer: Viewer) -> None:
        if any(needed <= viewer.scopes for needed in self._alternatives):
            return
        if viewer.unresolved is not None:
            raise viewer.unresolved
        if viewer.session_id is None and viewer.customer_id is None and viewer.tool is None:
            raise Unauthenticated("This needs a session: log in.")
        raise Forbidden(self._message)


def scoped_field(
    *, scopes: Scopes, description: str, directives: Sequence[object] = ()
) -> Callable[[Callable[..., Any]], Any]:
    """`strawberry.field` for those who have the scopes."""
    return cast(
        "Callable[[Callable[..., Any]], Any]",
        strawberry.field(
            description=described(description, scopes),
            directives=[*directives, RequiresScopes(scopes=scopes)],
            extensions=[_Check(scopes)],
        ),
    )


def scoped_type(*, scopes: Scopes, but: Collection[str] = ()) -> Callable[[type[T]], type[T]]:
    """Let a type's fields be for those who have the scopes, whichever way one comes to it. Stands above `type`.

    Args:
        scopes: Each of them enough.
        but: Python names of fields for everybody; then the other fields say what they need, instead of the type.
    """

    def mark(class_: type[T]) -> type[T]:
        definition: StrawberryObjectDefinition = class_.__strawberry_definition__  # type: ignore[attr-defined]  # what `type` has set
        scoped = [field for field in definition.fields if field.python_name not in but]
        for part in scoped if but else [definition]:
            part.directives = [*(part.directives or ()), RequiresScopes(scopes=scopes)]
            part.description = described(part.description or "", scopes)
        for field in scoped:
            field.extensions = [_Check(scopes), *field.extensions]
        return class_

    return mark


def described(description: str, scopes: Scopes) -> str:
    """A description that says what is needed, for those who read the schema by introspection."""
    return f"{description} Needs the {in_words(scopes)}.".strip()


def in_words(scopes: Scopes) -> str:
    """Such as "scope `a` and `b`, or `c`"."""
    return "scope " + ", or ".join(" and ".join(f"`{scope}`" for scope in each) for each in scopes)
