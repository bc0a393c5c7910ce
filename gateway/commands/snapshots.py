"""Texts that are printed from code and checked in."""

import argparse
from pathlib import Path


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
