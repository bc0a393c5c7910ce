"""The fields of a request's body, read one by one; what is wrong is said of all at once."""

import math
from collections.abc import Callable, Collection
from datetime import date
from typing import Any, TypeVar

from backends.wire.columns import LARGEST_ID, parse_instant
from backends.wire.errors import RefusedError, unfit

T = TypeVar("T")
REQUIRED = "Missing data for required field."
LARGEST_NUMBER = 2**31 - 1


class Fields:
    """A JSON object that was sent; raises 422 when it is something else."""

    def __init__(self, body: Any) -> None:
        if body is None:
            body = {}
        if not isinstance(body, dict):
            raise unfit("Invalid input type.")
        self.body: dict[str, Any] = body
        self.problems: dict[str, Any] = {}

    def check(self) -> None:
        """Raises 422 with everything that was wrong so far."""
        if self.problems:
            raise RefusedError(422, self.problems)

    def has(self, *names: str) -> bool:
        """Whether any of these was sent."""
        return any(name in self.body for name in names)

    def whole(self, name: str, *, least: int = 0, most: int = LARGEST_ID, required: bool = False) -> int | None:
        """A number without fraction; digits in a string count as one."""

        def parse(value: Any) -> int:
            if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
                value = int(value)
            if not isinstance(value, int) or isinstance(value, bool):
                raise ValueError("Not a valid integer.")  # noqa: TRY004 - a ValueError becomes a message
            if not least <= value <= most:
                raise ValueError(f"Must be greater than or equal to {least} and less than or equal to {most}.")
            return value

        return self._read(name, parse, required=required)

    def flag(self, name: str) -> bool | None:
        """True or false."""

        def parse(value: Any) -> bool:
            if value in (0, 1):
                return bool(value)
            raise ValueError("Not a valid boolean.")

        return self._read(name, parse)

    def text(self, name: str, *, required: bool = False, longest: int = 191) -> str | None:
        """A string; an empty one counts as missing where one is required."""

        def parse(value: Any) -> str:
            if not isinstance(value, str):
                raise ValueError("Not a valid string.")  # noqa: TRY004 - as above
            if len(value) > longest:
                raise ValueError(f"Longer than maximum length {longest}.")
            if required and not value.strip():
                raise ValueError(REQUIRED)
            return value

        return self._read(name, parse, required=required)

    def choice(self, name: str, allowed: Collection[str], *, required: bool = False) -> str | None:
        """One out of a closed list."""

        def parse(value: Any) -> str:
            if value not in allowed:
                raise ValueError(f"Must be one of: {', '.join(allowed)}.")
            return str(value)

        return self._read(name, parse, required=required)

    def money(self, name: str) -> int | None:
        """Minor units; sent as a decimal string or a number."""

        def parse(value: Any) -> int:
            try:
                parsed = float(value) if not isinstance(value, bool) else math.nan
            except (TypeError, ValueError):
                parsed = math.nan
            if not math.isfinite(parsed) or not 0 <= parsed * 100 <= LARGEST_NUMBER:
                raise ValueError("Not a valid number.")
            return round(parsed * 100)

        return self._read(name, parse)

    def day(self, name: str, *, required: bool = False) -> date | None:
        """A calendar date."""

        def parse(value: Any) -> date:
            try:
                return parse_instant(value if isinstance(value, str) else "").date()
            except ValueError as error:
                raise ValueError("Not a valid date.") from error

        return self._read(name, parse, required=required)

    def external(self, name: str, *, required: bool = False) -> str | None:
        """An id of the shop platform: `{"ecommerce": "1"}`, or the id alone."""

        def parse(value: Any) -> str:
            found = value.get("ecommerce") if isinstance(value, dict) else value
            text = str(found)
            if isinstance(found, bool) or not (text.isascii() and text.isdigit()) or len(text) > 19:
                raise ValueError("Not a valid id.")
            return text

        return self._read(name, parse, required=required)

    def numbers(self, name: str, *, required: bool = False) -> list[int] | None:
        """Ids without repetition, in the order that they were sent in."""

        def parse(value: Any) -> list[int]:
            ids = [int(each) if str(each).isascii() and str(each).isdigit() else None for each in _list(value)]
            found = [each for each in ids if each is not None and each <= LARGEST_ID]
            if len(found) < len(ids) or (required and not found):
                raise ValueError("Not a valid list of ids.")
            return list(dict.fromkeys(found))

        return self._read(name, parse, required=required)

    def objects(self, name: str, *, required: bool = False) -> list[dict[str, Any]]:
        """A list of objects; empty when none came."""

        def parse(value: Any) -> list[dict[str, Any]]:
            if not all(isinstance(each, dict) for each in _list(value)):
                raise ValueError("Not a valid list.")
            return list(value)

        return self._read(name, parse, required=required) or []

    def properties(self, name: str = "properties") -> list[dict[str, str]] | None:
        """Names with values."""

        def parse(value: Any) -> list[dict[str, str]]:
            pairs = [
                {"name": each["name"], "value": each["value"]}
                for each in _list(value)
                if isinstance(each, dict) and isinstance(each.get("name"), str) and isinstance(each.get("value"), str)
            ]
            if len(pairs) < len(value):
                raise ValueError("Each needs a name and a value.")
            return pairs

        return self._read(name, parse)

    def _read(self, name: str, parse: Callable[[Any], T], *, required: bool = False) -> T | None:
        value = self.body.get(name)
        if value is None:
            if required:
                self.problems[name] = [REQUIRED]
            return None
        try:
            return parse(value)
        except ValueError as error:
            self.problems[name] = [str(error)]
            return None


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("Not a valid list.")  # noqa: TRY004 - a ValueError becomes a message
    return value
