"""`schema`: the graph's SDL, as `schema/schema.graphql` has it."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from schema import build_schema

if TYPE_CHECKING:
    from gateway.commands import Subparsers


def add_to(subparsers: "Subparsers") -> None:
    """Declare the command."""
    parser = subparsers.add_parser("schema", help="print the graph's SDL")
    add_snapshot_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print, write or check the SDL."""
    return print_snapshot(build_schema().as_str() + "\n", options, command="schema")


def add_snapshot_options(parser: argparse.ArgumentParser) -> None:
    """`--write FILE` and `--check FILE`, for what is printed from code and checked in."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--write", type=Path, metavar="FILE", help="write it there instead")
    where.add_argument("--check", type=Path, metavar="FILE", help="fail when that file differs")


def print_snapshot(text: str, options: argparse.Namespace, *, command: str) -> int:
    """Do what the snapshot options say with a text; 1 when the checked file differs."""
    if options.write:
        options.write.write_text(text, encoding="utf-8")
    elif options.check:
        if options.check.read_text(encoding="utf-8") != text:
            print(
                f"{options.check} differs from the code: run"
                f" `storefront-gateway {command} --write {options.check}` and read the difference."
            )
            return 1
    else:
        print(text, end="")
    return 0
