"""`demo`: three backends and the gateway in one process tree, with a page to try them on."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.demo.supervisor import run_demo

if TYPE_CHECKING:
    from gateway.commands import Subparsers

PORT = 8_000


def add_to(subparsers: "Subparsers") -> None:
    """Declare the command."""
    parser = subparsers.add_parser("demo", help="run everything on this machine, with a page to try it on")
    parser.add_argument("--port", type=int, help=f"the gateway's port (default: {PORT}, or the next free one)")
    parser.add_argument("--ready-file", type=Path, metavar="FILE", help="where to write addresses and tokens as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run until SIGTERM or Ctrl-C."""
    return run_demo(port=options.port, default_port=PORT, ready_file=options.ready_file)
