"""From an operation's `@inContext` to a `Market`."""

import re
from collections.abc import Mapping
from typing import Any

from graphql import EnumValueNode, OperationDefinitionNode, ValueNode, VariableNode

from gateway.viewer import Market

_CODE = re.compile(r"[A-Z]{2}")


def market_of(operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> Market:
    """The market that the operation names.

    A variable that is no code is read as left out: execution refuses it by the schema right after.
    """
    for directive in operation.directives or ():
        if directive.name.value == "inContext":
            codes = {
                argument.name.value: _code(argument.value, operation, variables)
                for argument in directive.arguments or ()
            }
            language = codes.get("language")
            return Market(country=codes.get("country"), language=language.lower() if language else None)
    return Market()


def _code(node: ValueNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> str | None:
    if isinstance(node, EnumValueNode):
        return node.value
    if not isinstance(node, VariableNode):
        return None
    name = node.name.value
    if name in variables:
        value = variables[name]
        return value if isinstance(value, str) and _CODE.fullmatch(value) else None
    defaults = {item.variable.name.value: item.default_value for item in operation.variable_definitions or ()}
    default = defaults.get(name)
    return default.value if isinstance(default, EnumValueNode) else None
