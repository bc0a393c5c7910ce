"""How much an operation asks for, measured in one pass over its document."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import isnan
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    value_from_ast_untyped,
)

from gateway.edge.costs import UNKNOWN, Costs, FieldCost, Slicing

MOST = 10**12
"""Numbers stop growing here: twenty fragments that double each other have a million fields."""

DIGITS = 12
"""A number with more of them is larger than anything that counts."""

INTROSPECTION = frozenset({"__schema", "__type"})


@dataclass(slots=True)
class Measure:
    """How much a selection asks for, every fragment counted wherever it is spread; an operation's own is its whole.

    Sums of measures are measures: a fragment's is the same wherever it stands.
    """

    depth: int = 0
    """Fields below each other."""
    aliases: int = 0
    directives: int = 0
    fields: int = 0
    """Fields at the top."""
    cost: int = 0
    introspection_depth: int = 0
    introspection_cost: int = 0
    """Of `__schema` and `__type`, which have a limit of their own."""
    page_size: int = 0
    """The largest that an argument gives."""
    sized: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    """Fields at the top whose length may come from above, by name; they are not in `cost`. What they cost as they
    are; and with another length, once and for each item."""

    def add(self, other: "Measure") -> None:
        """Count another one, which stands beside it."""
        self.depth = max(self.depth, other.depth)
        self.aliases = min(self.aliases + other.aliases, MOST)
        self.directives = min(self.directives + other.directives, MOST)
        self.fields = min(self.fields + other.fields, MOST)
        self.cost = min(self.cost + other.cost, MOST)
        self.introspection_depth = max(self.introspection_depth, other.introspection_depth)
        self.introspection_cost = min(self.introspection_cost + other.introspection_cost, MOST)
        self.page_size = max(self.page_size, other.page_size)
        for name, (own, once, each) in other.sized.items():
            ours = self.sized.get(name, (0, 0, 0))
            self.sized[name] = min(ours[0] + own, MOST), min(ours[1] + once, MOST), min(ours[2] + each, MOST)

    def cost_with(self, length: int, sized: frozenset[str]) -> int:
        """The whole cost, where what is above gives the length of some fields."""
        cost = self.cost
        for name, (own, once, each) in self.sized.items():
            cost += once + length * each if name in sized else own
        return min(cost, MOST)


class Pass:
    """One walk over an operation and the fragments that it reaches, each of them once.

    The document is parsed and no more: what is not in the schema, or in the document, counts as little as possible, and
    a fragment inside itself as nothing. Validation refuses it later.
    """

    def __init__(
        self,
        costs: Costs,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any] | None = None,
        *,
        page_size: int,
    ) -> None:
        """`page_size` is the length of a list that nothing else gives, variables that are not there included."""
        self._costs = costs
        self._operation = operation
        self._page_size = page_size
        self._variables = {
            definition.variable.name.value: value_from_ast_untyped(definition.default_value)
            for definition in operation.variable_definitions or ()
            if definition.default_value is not None
        } | dict(variables or {})
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._measured: dict[str, Measure] = {}
        self.sizing: set[str] = set()
        """Variables that give the length of a list."""
        self.special: dict[str, tuple[int, int]] = {}
        """By the name in the answer: the field's own weight and that of its objects, where they are not 0 and 1."""
        self.steps = 0
        """Selections that were looked at."""

    def measure(self) -> Measure:
        """The measure of the whole operation."""
        for name in self._in_order(self._operation.selection_set):
            fragment = self._fragments[name]
            self._measured[name] = self._selections(fragment.selection_set, fragment.type_condition.name.value)
            self._measured[name].directives += len(fragment.directives or ())
        root = self._costs.roots.get(self._operation.operation.value, "")
        whole = self._selections(self._operation.selection_set, root)
        whole.cost = whole.cost_with(0, frozenset())
        whole.directives += len(self._operation.directives or ())
        whole.directives += sum(len(item.directives or ()) for item in self._operation.variable_definitions or ())
        return whole

    def _in_order(self, selections: SelectionSetNode) -> list[str]:
        """The fragments that are reached, each behind those that it spreads itself."""
        # Without recursion, since hundreds of them may stand in a row.
        order: list[str] = []
        seen: set[str] = set()
        stack = [(name, False) for name in _spreads(selections)]
        while stack:
            name, is_done = stack.pop()
            if is_done:
                order.append(name)
            elif name not in seen and name in self._fragments:
                seen.add(name)
                stack.append((name, True))
                stack += [(inner, False) for inner in _spreads(self._fragments[name].selection_set)]
        return order

    def _selections(self, selections: SelectionSetNode, parent: str) -> Measure:
        total = Measure()
        for selection in selections.selections:
            self.steps += 1
            total.directives += len(selection.directives or ())
            if isinstance(selection, FieldNode):
                self._add_field(total, selection, parent)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                total.add(self._selections(selection.selection_set, condition.name.value if condition else parent))
            elif isinstance(selection, FragmentSpreadNode):
                total.add(self._measured.get(selection.name.value, _NOTHING))
        return total

    def _add_field(self, total: Measure, node: FieldNode, parent: str) -> None:
        name = node.name.value
        cost = self._costs.fields.get((parent, name), UNKNOWN)
        inner = self._selections(node.selection_set, cost.returns or "") if node.selection_set else _NOTHING
        given = self._length(cost, node)
        each = cost.objects + inner.cost_with(given, cost.sized) if node.selection_set else 0
        measure = Measure(
            depth=inner.depth + 1,
            aliases=min(inner.aliases + (node.alias is not None), MOST),
            directives=inner.directives,
            fields=1,
            page_size=max(inner.page_size, given if cost.slicing else 0),
        )
        length = given if cost.is_list and not cost.sized else self._assumed(cost) if cost.is_list else 1
        own = min(cost.weight + length * each, MOST)
        if cost.weight or (cost.objects != 1 and node.selection_set):
            key = node.alias.value if node.alias else name
            weight, objects = self.special.get(key, (0, 0))
            self.special[key] = max(weight, cost.weight), max(objects, cost.objects)
        if name in INTROSPECTION:
            measure.introspection_depth, measure.depth = measure.depth, 0
            measure.introspection_cost = own
        elif cost.is_list and name in self._costs.sized:
            measure.sized[name] = own, cost.weight, min(each, MOST)
        else:
            measure.cost = own
        total.add(measure)

    def _assumed(self, cost: FieldCost) -> int:
        return self._page_size if cost.assumed is None else cost.assumed

    def _length(self, cost: FieldCost, node: FieldNode) -> int:
        """What the field's arguments say about its length, the largest of them; without any, what is assumed."""
        if not cost.slicing:
            return self._assumed(cost)
        nodes = {argument.name.value: argument.value for argument in node.arguments or ()}
        lengths = [
            length
            for name, slicing in cost.slicing.items()
            if (length := self._given(nodes.get(name), slicing)) is not None
        ]
        return max(lengths, default=self._assumed(cost))

    def _given(self, node: ValueNode | None, slicing: Slicing) -> int | None:
        if node is None:
            return _length_of(slicing.default, slicing)
        if isinstance(node, VariableNode):
            self.sizing.add(node.name.value)
            return _length_of(self._variables.get(node.name.value, slicing.default), slicing)
        if isinstance(node, IntValueNode) and len(node.value) > DIGITS:
            # Python refuses to read thousands of digits.
            return 0 if node.value.startswith("-") else MOST
        return _length_of(value_from_ast_untyped(node), slicing)


def _length_of(value: Any, slicing: Slicing) -> int | None:
    """The length that a value gives; None where it gives none. What is less than nothing counts as nothing."""
    if slicing.is_list:
        return len(value) if isinstance(value, list) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or isnan(value):
        return None
    return int(min(max(value, 0), MOST))


def _spreads(selections: SelectionSetNode) -> Iterable[str]:
    """The names of the fragments that are spread somewhere below."""
    stack: list[SelectionNode] = [*selections.selections]
    while stack:
        selection = stack.pop()
        if isinstance(selection, FragmentSpreadNode):
            yield selection.name.value
        elif isinstance(selection, FieldNode | InlineFragmentNode) and selection.selection_set:
            stack += selection.selection_set.selections


_NOTHING = Measure()
