"""What is left to graphql-core, as a walk over the operation."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    FieldNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationType,
    SelectionNode,
    VariableNode,
)

from .operation import Operation
from .selections import condition, variables_of


class Reason(StrEnum):
    """Why an operation was executed by graphql-core."""

    OPERATION = "operation"  # there is no such operation; graphql-core words the refusal
    SUBSCRIPTION = "subscription"
    INTROSPECTION = "introspection"
    DEFER = "defer"
    STREAM = "stream"
    DIRECTIVE = "directive"  # one that was not declared passive
    FRAGMENT_ARGUMENTS = "fragment arguments"
    EXECUTION_CONTEXT_CLASS = "execution context class"
    RESOLVE_HOOK = "resolve hook"  # an extension stands around every resolver
    CONDITIONS = "conditions"  # @skip or @include without a Boolean, or too many combinations of them
    SIZE = "size"  # the document selects in more ways than a plan may hold


@dataclass(frozen=True, slots=True)
class Fallback:
    """Says that graphql-core executes the operation."""

    reason: Reason


def refusal(operation: Operation, passive: Collection[str]) -> Reason | None:
    """Why the operation cannot be compiled, None if it can."""
    if operation.node.operation is OperationType.SUBSCRIPTION:
        return Reason.SUBSCRIPTION
    for selection in walk(operation):
        if isinstance(selection, FieldNode) and selection.name.value in {"__schema", "__type"}:
            return Reason.INTROSPECTION
        if getattr(selection, "arguments", None) and isinstance(selection, FragmentSpreadNode):
            return Reason.FRAGMENT_ARGUMENTS
    if any(fragment.variable_definitions for fragment in operation.fragments.values()):
        return Reason.FRAGMENT_ARGUMENTS
    return _refused_directive(operation, passive)


def _refused_directive(operation: Operation, passive: Collection[str]) -> Reason | None:
    for directive in _directives(operation):
        name = directive.name.value
        if name in {"skip", "include"}:
            if not isinstance(condition(directive), (BooleanValueNode, VariableNode)):
                return Reason.CONDITIONS
        elif name not in passive:
            return {"defer": Reason.DEFER, "stream": Reason.STREAM}.get(name, Reason.DIRECTIVE)
    return None


def _directives(operation: Operation) -> Iterator[DirectiveNode]:
    yield from operation.node.directives or ()
    for definition in operation.node.variable_definitions or ():
        yield from definition.directives or ()
    for fragment in operation.fragments.values():
        yield from fragment.directives or ()
    for selection in walk(operation):
        yield from selection.directives or ()


def condition_variables(operation: Operation) -> frozenset[str]:
    """All variables that @skip and @include read."""
    return frozenset(name for selection in walk(operation) for name in variables_of(selection))


def walk(operation: Operation) -> Iterator[SelectionNode]:
    """Every selection that the operation can reach, those of a fragment once."""
    visited: set[str] = set()
    stack: list[SelectionNode] = [*operation.node.selection_set.selections]
    while stack:
        selection = stack.pop()
        yield selection
        if isinstance(selection, (FieldNode, InlineFragmentNode)):
            if selection.selection_set:
                stack += selection.selection_set.selections
        elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in visited:
            visited.add(selection.name.value)
            fragment = operation.fragments.get(selection.name.value)
            stack += fragment.selection_set.selections if fragment else ()
