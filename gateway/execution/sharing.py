"""What was made of objects that are given to many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import FieldNode, GraphQLObjectType, get_named_type, is_leaf_type, is_object_type

from .strawberry_internals import attribute_of, plain_class, resolver_of

if TYPE_CHECKING:  # shapes imports this module
    from .positions import Position
    from .run import Run
    from .shapes import Build, Shapes

# A class that has this attribute, true, says of its objects: they never change, and a resolver of theirs that takes
# nothing but the object always gives the same. What such an object answers is kept, and is then part of many answers.
SHARED = "__shared__"

_MOST_KEPT = 2_048  # objects of one selection


def is_shared(shapes: Shapes, on: GraphQLObjectType, fields: dict[str, list[FieldNode]]) -> bool:
    """Whether what these fields answer follows from the object alone."""
    if not getattr(plain_class(on), SHARED, False):
        return False
    for nodes in fields.values():
        name = nodes[0].name.value
        definition = shapes.operation.schema.get_field(on, name)
        if definition is None or name == "__typename":
            continue
        if attribute_of(definition) is None:
            direct = resolver_of(shapes.strawberry_schema, definition)
            if direct is None or direct.is_async or direct.has_arguments or direct.info_name:
                return False
        type_ = get_named_type(definition.type)
        if is_leaf_type(type_):
            continue
        if not is_object_type(type_) or not shapes.of(type_, nodes).is_shared(shapes):
            return False
    return True


def keeping(build: Build, class_: type | None) -> Build:
    """The same, which gives what it has made of an object before; what had an error, or is awaited, is not kept."""
    # By id, which stays the object's own as long as the object is beside it.
    kept: dict[int, tuple[Any, Any]] = {}

    def kept_or_built(source: Any, at: Position | None, run: Run) -> Any:
        found = kept.get(id(source))
        if found is not None:
            return found[1]
        before = len(run.errors), len(run.queue), len(run.live)
        answer = build(source, at, run)
        if type(source) is class_ and before == (len(run.errors), len(run.queue), len(run.live)):
            if len(kept) >= _MOST_KEPT:
                kept.clear()
            kept[id(source)] = source, answer
        return answer

    return kept_or_built
