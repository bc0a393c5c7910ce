"""Which fields an object answers with, under given conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    is_abstract_type,
    type_from_ast,
)

Fragments = Mapping[str, FragmentDefinitionNode]


def condition(directive: DirectiveNode) -> ValueNode | None:
    """The value of `if`."""
    return next((argument.value for argument in directive.arguments or () if argument.name.value == "if"), None)


def variables_of(node: SelectionNode) -> Iterator[str]:
    """The variables that decide whether a selection counts."""
    for directive in node.directives or ():
        if directive.name.value in {"skip", "include"}:
            value = condition(directive)
            if isinstance(value, VariableNode):
                yield value.name.value


def counts(node: SelectionNode, truths: Mapping[str, bool]) -> bool:
    """Whether @skip and @include let a selection in."""
    for directive in node.directives or ():
        name = directive.name.value
        if name not in {"skip", "include"}:
            continue
        value = condition(directive)
        truth = truths[value.name.value] if isinstance(value, VariableNode) else _literal(value)
        if truth is (name == "skip"):
            return False
    return True


def _literal(value: ValueNode | None) -> bool:
    return isinstance(value, BooleanValueNode) and value.value


class Selection:
    """The selections of one or more field nodes, or of an operation, on one object type."""

    def __init__(
        self, schema: GraphQLSchema, fragments: Fragments, on: GraphQLObjectType, sets: Sequence[SelectionSetNode]
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._on = on
        self._sets = sets

    def conditions(self) -> tuple[str, ...]:
        """The variables that decide about fields at this level."""
        found: dict[str, None] = {}
        for node in self._walk(None):
            found.update(dict.fromkeys(variables_of(node)))
        return tuple(found)

    def fields(self, truths: Mapping[str, bool]) -> dict[str, list[FieldNode]]:
        """Field nodes by response key, in the order in which the answer has them."""
        found: dict[str, list[FieldNode]] = {}
        for node in self._walk(truths):
            if isinstance(node, FieldNode):
                found.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
        return found

    def _walk(self, truths: Mapping[str, bool] | None) -> Iterator[SelectionNode]:
        """Visit in document order, each fragment once; without truths, visit whatever could count."""
        visited: set[str] = set()
        stack = [iter(set_.selections) for set_ in reversed(self._sets)]
        while stack:
            node = next(stack[-1], None)
            if node is None:
                stack.pop()
                continue
            if truths is not None and not counts(node, truths):
                continue
            yield node
            if isinstance(node, InlineFragmentNode):
                if self._matches(node):
                    stack.append(iter(node.selection_set.selections))
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments.get(node.name.value)
                if fragment is not None and node.name.value not in visited and self._matches(fragment):
                    visited.add(node.name.value)
                    stack.append(iter(fragment.selection_set.selections))

    def _matches(self, fragment: InlineFragmentNode | FragmentDefinitionNode) -> bool:
        if fragment.type_condition is None:
            return True
        type_ = type_from_ast(self._schema, fragment.type_condition)
        return type_ is self._on or (is_abstract_type(type_) and self._schema.is_sub_type(type_, self._on))
