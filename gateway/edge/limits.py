"""How much one document may ask for."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import DocumentNode, OperationDefinitionNode, get_introspection_query, parse

from gateway.edge.costs import Costs
from gateway.edge.measure import Measure, Pass
from gateway.errors import LimitExceeded

LENGTHS_KEPT = 64
"""So many combinations of page sizes in variables are remembered for an operation; clients use one or two."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one document may ask for."""

    depth: int
    aliases: int
    root_fields: int
    directives: int
    operations: int
    page_size: int
    cost: int


class Limiter:
    """Refuses documents that ask for more than the limits, before they are validated."""

    def __init__(self, costs: Costs, limits: Limits) -> None:
        self._costs = costs
        self._limits = limits
        # A client that may introspect sends this, and nothing that asks for more than it does.
        everything = parse(
            get_introspection_query(
                specified_by_url=True,
                directive_is_repeatable=True,
                schema_description=True,
                input_value_deprecation=True,
            )
        )
        (operation,) = _operations(everything)
        self._introspection = Pass(costs, everything, operation, page_size=limits.page_size).measure()

    def estimates(self, document: DocumentNode) -> "dict[str | None, Estimate]":
        """What each operation of a parsed document costs, by its name.

        Raises:
            LimitExceeded: One of them asks for too much, or there are too many.
        """
        operations = list(_operations(document))
        if len(operations) > self._limits.operations:
            raise _exceeded("operations", "operations", len(operations), self._limits.operations)
        return {node.name.value if node.name else None: Estimate(self, document, node) for node in operations}

    def measured(
        self, document: DocumentNode, node: OperationDefinitionNode, variables: Mapping[str, Any] | None
    ) -> tuple[Measure, frozenset[str], Mapping[str, tuple[int, int]]]:
        """An operation's measure, the variables that it depends on, and the fields that do not cost what most do.

        Raises:
            LimitExceeded: It asks for too much; without variables, whatever they will be.
        """
        walk = Pass(self._costs, document, node, variables, page_size=self._limits.page_size)
        measure = walk.measure()
        limits = self._limits
        for limit, what, found, most in (
            ("depth", "levels of fields", measure.depth, limits.depth),
            ("aliases", "aliases", measure.aliases, limits.aliases),
            ("root_fields", "fields at the top", measure.fields, limits.root_fields),
            ("directives", "directives", measure.directives, limits.directives),
            ("depth", "levels of introspection", measure.introspection_depth, self._introspection.introspection_depth),
        ):
            if found > most:
                raise _exceeded(limit, what, found, most)
        if not walk.sizing or variables is not None:
            if measure.page_size > limits.page_size:
                raise _exceeded("page_size", "rows in one list", measure.page_size, limits.page_size)
            if measure.cost > limits.cost:
                raise LimitExceeded(
                    f"The operation costs {measure.cost} and may cost {limits.cost}: ask for fewer rows, or for less of"
                    " each.",
                    limit="cost",
                )
            if measure.introspection_cost > self._introspection.introspection_cost:
                raise LimitExceeded("Introspection asks for more than the whole schema.", limit="cost")
        return measure, frozenset(walk.sizing), walk.special


class Estimate:
    """What one operation costs, by its variables."""

    def __init__(self, limiter: Limiter, document: DocumentNode, node: OperationDefinitionNode) -> None:
        """Raises LimitExceeded where no variables could make it less."""
        self.node = node
        self._limiter = limiter
        self._document = document
        measure, sizing, self.special = limiter.measured(document, node, None)
        self.is_introspective = measure.introspection_depth > 0
        self._fixed = None if sizing else measure.cost
        self.sizing = sorted(sizing)
        """Variables that the cost depends on."""
        self._known: OrderedDict[tuple[Any, ...], int] = OrderedDict()

    def of(self, variables: Mapping[str, Any]) -> int:
        """The cost with these variables, which need not be valid.

        Raises:
            LimitExceeded: It is more than one operation may cost, or a page is too long.
        """
        if self._fixed is not None:
            return self._fixed
        lengths = tuple(_key(variables, name) for name in self.sizing)
        cost = self._known.get(lengths)
        if cost is None:
            measure, _, _ = self._limiter.measured(self._document, self.node, variables)
            cost = self._known[lengths] = measure.cost
            if len(self._known) > LENGTHS_KEPT:
                self._known.popitem(last=False)
        return cost


def _key(variables: Mapping[str, Any], name: str) -> object:
    """What a variable says about a length; what says nothing is one and the same."""
    if name not in variables:
        return "missing"
    value = variables[name]
    if isinstance(value, list):
        return "list", len(value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _operations(document: DocumentNode) -> Iterator[OperationDefinitionNode]:
    return (node for node in document.definitions if isinstance(node, OperationDefinitionNode))


def _exceeded(limit: str, what: str, found: int, most: int) -> LimitExceeded:
    number = f"more than {most}" if found > 10 * most else str(found)
    return LimitExceeded(f"The document has {number} {what}; {most} are the most.", limit=limit)
