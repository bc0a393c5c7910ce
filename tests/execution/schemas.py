"""Draws Strawberry schemas: nullability, lists of lists, kinds of resolvers, and how each of them fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from tests.execution.drawn_values import Color, Filter, fault, late, leaf

LEAVES: list[Any] = [int, str, float, bool, strawberry.ID, Decimal, date]
# Not among them for batching: resolvers that wait turns of the loop for nothing, since graphql-core waits turns, too.
PUNCTUAL = ["attribute", "sync", "info", "async", "loader", "loader future"]
MODES = ["attribute", "sync", "info", "async", "ticks", "future", "loader", "loader future", "coroutine"]
FAULTS = ["null", "raise", "exception", "wrong", "coded", "late"]


@dataclass
class FieldSpec:
    """One field: its type as nested lists, what it is made of, and how often it fails."""

    name: str
    type: Any
    mode: str
    outcomes: list[str]
    item_outcomes: list[str]


class SchemaDrawer:
    """Draws one schema; `schema` is a Strawberry schema, and contexts are `Context`."""

    def __init__(self, random: Random, *, sync: bool = False, faultless: bool = False) -> None:
        self._random = random
        self._modes = MODES[:3] if sync else PUNCTUAL if faultless else MODES
        faults = [] if faultless else FAULTS[:-1] if sync else FAULTS
        self._outcomes = ["ok"] * random.choice([8, 20, 60]) + faults
        count = random.randint(2, 4)
        self._classes = [type(f"T{number}", (), {}) for number in range(count)]
        self._attributes: dict[type, list[FieldSpec]] = {}
        self.schema = self._build()

    def _build(self) -> strawberry.Schema:
        random = self._random
        interface = strawberry.interface(type("Named", (), {"__annotations__": {"common": int | None}}))
        implementing = [cls for cls in self._classes if random.random() < 0.6]
        self._classes = [type(cls.__name__, (interface,) if cls in implementing else (), {}) for cls in self._classes]
        implementing = [cls for cls in self._classes if issubclass(cls, interface)]
        self._interface, self._implementing = interface, implementing
        first, second = self._classes[:2]
        union: Any = Annotated[first | second, strawberry.union("Either")]
        self._union = union
        specs = self.specs_all = {cls: self._specs(number) for number, cls in enumerate(self._classes)}
        for cls, fields in specs.items():
            self._decorate(cls, fields)
        query, mutation = type("Query", (), {}), type("Mutation", (), {})
        for root in (query, mutation):
            specs[root] = [spec for spec in self._specs(-1) if spec.mode != "attribute"] or [self._fallback()]
            self._decorate(root, specs[root])
        return strawberry.Schema(query, mutation, types=self._classes)

    def _fallback(self) -> FieldSpec:
        return FieldSpec("f0", ("object", 0, True), "sync", ["ok"], ["ok"])

    def _specs(self, number: int) -> list[FieldSpec]:
        random = self._random
        found = []
        for index in range(random.randint(2, 5)):
            mode = random.choice(self._modes)
            type_ = self._type(number, mode == "attribute", 0)
            outcomes = [random.choice(self._outcomes) for _ in range(3)]
            items = [random.choice(self._outcomes) for _ in range(4)]
            found.append(FieldSpec(f"f{index}", type_, mode, outcomes, items))
        return found

    def _type(self, number: int, attribute: bool, depth: int) -> Any:
        random = self._random
        nullable = random.random() < 0.5
        roll = random.random()
        if depth < 3 and roll < 0.3:
            return ("list", self._type(number, attribute, depth + 1), nullable)
        if roll < 0.55:
            return ("leaf", random.choice([*LEAVES, Color]), nullable)
        low = number + 1 if attribute else 0
        if low >= len(self._classes) or (attribute and number < 0):
            return ("leaf", str, nullable)
        if not attribute and roll < 0.65 and self._implementing:
            return ("interface", 0, nullable)
        if not attribute and roll < 0.75:
            return ("union", 0, nullable)
        return ("object", random.randrange(low, len(self._classes)), nullable)

    def _annotation(self, type_: Any) -> Any:
        kind, what, nullable = type_
        if kind == "list":
            inner: Any = list[self._annotation(what)]  # type: ignore[misc]  # an annotation that is drawn
        elif kind == "leaf":
            inner = what
        elif kind == "interface":
            inner = self._interface
        elif kind == "union":
            inner = self._union
        else:
            inner = self._classes[what]
        return inner | None if nullable else inner

    def _decorate(self, cls: type, specs: list[FieldSpec]) -> None:
        self._attributes[cls] = [spec for spec in specs if spec.mode == "attribute"]
        cls.__annotations__ = {"number": strawberry.Private[int]}
        for spec in specs:
            if spec.mode == "attribute":
                cls.__annotations__[spec.name] = self._annotation(spec.type)
            else:
                setattr(cls, spec.name, strawberry.field(resolver=self._resolver(spec)))
        cls.__init__ = _init  # type: ignore[misc]
        strawberry.type(
            cls,
        )
        cls.__init__ = _init  # type: ignore[misc]  # the drawn types are not built like dataclasses

    def _make(self, cls: type, number: int) -> Any:
        made = cls()
        made.number = number
        made.common = number
        for spec in self._attributes[cls]:
            setattr(made, spec.name, self._returned(spec, number))
        return made

    def _returned(self, spec: FieldSpec, number: int) -> Any:
        """The value of a field, where raising is not possible."""
        try:
            return self._value(spec, spec.type, number, spec.outcomes)
        except Exception as error:  # noqa: BLE001 - drawn failures
            return error

    def _value(self, spec: FieldSpec, type_: Any, number: int, outcomes: list[str]) -> Any:
        outcome = outcomes[number % len(outcomes)]
        if outcome not in {"ok", "late"}:
            return fault(outcome, spec.name, number)
        kind, what, _ = type_
        value: Any
        if kind == "list":
            value = self._items(spec, what, number)
        elif kind == "leaf":
            value = leaf(what, number)
        elif kind == "object":
            value = self._make(self._classes[what], number + 1)
        elif kind == "interface":
            value = self._make(self._implementing[number % len(self._implementing)], number + 1)
        else:
            value = self._make(self._classes[number % 2], number + 1)
        return late(value) if outcome == "late" else value

    def _items(self, spec: FieldSpec, type_: Any, number: int) -> Any:
        items: list[Any] = []
        for index in range(number % 4):
            try:
                items.append(self._value(spec, type_, number * 3 + index, spec.item_outcomes))
            except Exception as error:  # noqa: BLE001 - drawn failures
                items.append(error)
        return tuple(items) if number % 5 == 4 else items

    def _resolver(self, spec: FieldSpec) -> Callable[..., Any]:  # noqa: C901 - one closure a mode
        def value(source: Any) -> Any:
            return self._value(spec, spec.type, getattr(source, "number", 1), spec.outcomes)

        resolver: Callable[..., Any]
        extra: dict[str, Any] = {}
        kind = spec.type[:2] if spec.type[0] == "leaf" else None
        if spec.mode == "sync" and kind == ("leaf", str):

            def resolver(
                self: Any, text: str = "t", wanted: Filter | None = None, ints: list[int | None] | None = None
            ) -> Any:
                return f"{text} {wanted} {ints} {value(self)}"

            extra = {"text": str, "wanted": Filter | None, "ints": list[int | None] | None}
        elif spec.mode == "sync":

            def resolver(root: Any) -> Any:
                return value(root)

        elif spec.mode == "info":

            def resolver(self: Any, info: Info, color: Color = Color.GREEN, day: date | None = None) -> Any:
                if kind == ("leaf", str):
                    return f"{info.path.as_list()} {info.path.typename} {info.field_name} {info.return_type} {color} {day} {sorted(info.variable_values)} {info.selected_fields}"  # noqa: E501
                return value(self)

            extra = {"info": Info, "color": Color, "day": date | None}
        elif spec.mode == "async":

            async def resolver(self: Any, text: str | None = strawberry.UNSET) -> Any:
                if kind == ("leaf", str):
                    return f"{text} {value(self)}"
                return value(self)

            extra = {"text": str | None}
        elif spec.mode == "ticks":

            async def resolver(self: Any, wanted: Filter | None = None) -> Any:  # noqa: ARG001 - it is coerced all the same
                for _ in range(getattr(self, "number", 1) % 3):
                    await asyncio.sleep(0)
                return value(self)

            extra = {"wanted": Filter | None}
        elif spec.mode == "wire":

            async def resolver(self: Any, info: Info) -> Any:
                await info.context.wire.call()
                return value(self)

            extra = {"info": Info}
        elif spec.mode == "future":

            def resolver(self: Any) -> Any:
                future = asyncio.get_running_loop().create_future()

                def settle() -> None:
                    if future.cancelled():
                        return
                    try:
                        future.set_result(value(self))
                    except Exception as error:  # noqa: BLE001 - drawn failures
                        future.set_exception(error)

                asyncio.get_running_loop().call_soon(settle)
                return future

        elif spec.mode == "loader":

            async def resolver(self: Any, info: Info) -> Any:
                await info.context.load(getattr(self, "number", 1) % 6)
                return value(self)

            extra = {"info": Info}
        elif spec.mode == "loader future" and kind == ("leaf", int):

            def resolver(self: Any, info: Info) -> Any:
                return info.context.load(getattr(self, "number", 1) % 6)

            extra = {"info": Info}
        elif spec.mode == "coroutine" and spec.type[0] == "list":

            async def resolver(self: Any) -> AsyncIterator[Any]:
                for item in value(self) or ():
                    await asyncio.sleep(0)
                    yield item

        else:

            def resolver(self: Any) -> Any:
                async def later() -> Any:
                    return value(self)

                return later()

        resolver.__annotations__ = {**extra, "return": self._annotation(spec.type)}
        return resolver


def _init(self: Any) -> None:
    """Drawn attributes are set one by one."""
