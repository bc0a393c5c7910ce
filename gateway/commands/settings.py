"""`settings`: the reference of all settings, as `docs/settings.md` has it."""

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from gateway.commands.snapshots import add_snapshot_options, print_snapshot
from gateway.loading import SETTINGS_FILE_VARIABLE
from gateway.settings import Settings, environment_name

if TYPE_CHECKING:
    from gateway.commands import Subparsers

HEAD = f"""# Settings

Printed from `gateway/settings.py` by `storefront-gateway settings`. Each setting comes from the environment or from a
TOML file (`--settings FILE`, or `{SETTINGS_FILE_VARIABLE}`); the environment wins. In TOML the groups are tables:
`limits.body_bytes` is `body_bytes` under `[limits]`. Unknown keys are refused at start.

`storefront-gateway serve` reads them anew on SIGHUP, without a dropped request. All of them take effect then, except
those that say that a change needs a restart. See [shops.md](shops.md).
"""

PLACEHOLDERS = {"shops": "<domain>", "backends": "<backend>", "tools": "<tool>"}
"""What stands for the keys of a table that has any number of them."""


def add_to(subparsers: "Subparsers") -> None:
    """Declare the command."""
    parser = subparsers.add_parser("settings", help="print the reference of all settings")
    add_snapshot_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print, write or check the reference."""
    lines = [HEAD, *_sections(Settings, ())]
    return print_snapshot("\n".join(lines).rstrip() + "\n", options, command="settings")


def _sections(model: type[BaseModel], path: tuple[str, ...]) -> Iterator[str]:
    fields = model.model_fields
    own = {name: field for name, field in fields.items() if _group(field) is None}
    if own:
        yield f"## `{'.'.join(path)}`\n" if path else "## Top level\n"
        yield f"{(model.__doc__ or '').strip()}\n"
        yield "| setting | environment | default | meaning |\n| --- | --- | --- | --- |"
        for name, field in own.items():
            yield _row((*path, name), field)
        yield ""
    for name, field in fields.items():
        if (group := _group(field)) is not None:
            yield from _sections(group, (*path, name, PLACEHOLDERS[name]) if _is_keyed(field) else (*path, name))


def _row(path: tuple[str, ...], field: FieldInfo) -> str:
    keyed = path[0] in {"shops", "tools"}
    variable = f"in `{environment_name(path[:1])}`" if keyed else f"`{environment_name(path)}`"
    default = "required" if field.default is PydanticUndefined else f"`{field.default}`"
    bounds = ", ".join(part for item in field.metadata for part in _bounds(item))
    meaning = " ".join((field.description or "").split())
    return f"| `{path[-1]}` | {variable} | {default} | {meaning}{f' ({bounds})' if bounds else ''} |"


def _bounds(item: Any) -> Iterator[str]:
    words = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most", "min_length": "at least this long:"}
    for name, word in words.items():
        if (value := getattr(item, name, None)) is not None:
            yield f"{word} {value}"


def _group(field: FieldInfo) -> type[BaseModel] | None:
    """The model of a nested group, alone or keyed."""
    for kind in (field.annotation, *get_args(field.annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def _is_keyed(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is dict
