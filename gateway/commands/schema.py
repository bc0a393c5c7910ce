"""`schema`: the graph's SDL, as `schema/schema.graphql` has it."""

import argparse
from typing import TYPE_CHECKING

from gateway.commands.snapshots import add_snapshot_options, print_snapshot
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
