"""What an answer cost: the objects that are in it."""

from collections.abc import Mapping
from typing import Any


def actual_cost(data: Any, special: Mapping[str, tuple[int, int]]) -> int:
    """The cost of an answer's data by the rules of the estimate, which it never exceeds.

    Args:
        data: Dicts, lists and scalars, as they are encoded.
        special: By name the weights of fields, and of their objects, that are not 0 and 1.
    """
    total = 0
    stack = [data]
    while stack:
        for name, value in stack.pop().items():
            if name in special:
                weight, objects = special[name]
                total += weight
            else:
                objects = 1
            if type(value) is dict:
                total += objects
                stack.append(value)
            elif type(value) is list:
                for item in value:
                    if type(item) is dict:
                        total += objects
                        stack.append(item)
    return total
