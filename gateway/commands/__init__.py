"""The commands, a module each: `add_to` declares one, and its `run` does it."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001  # argparse has no public name for it


def add_settings_option(parser: argparse.ArgumentParser) -> None:
    """`--settings FILE`, as the commands that read settings have it."""
    parser.add_argument("--settings", type=Path, metavar="FILE", help="TOML file; GATEWAY_… variables go over it")
