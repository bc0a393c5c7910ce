"""The `storefront-gateway` command."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from gateway.settings import SettingsError

COMMANDS = ("demo", "serve", "backend", "session", "operations", "webhooks", "schema", "settings")
"""In the order of the help; each is a module of `gateway.commands`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status is returned."""
    given = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(prog="storefront-gateway", description=__doc__)
    subparsers = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    # Only the command that runs is loaded: printing settings should not wait for SQLAlchemy.
    for name in given[:1] if given[:1] and given[0] in COMMANDS else COMMANDS:
        import_module(f"gateway.commands.{name}").add_to(subparsers)
    options = parser.parse_args(given)
    try:
        status: int = options.run(options)
    except (SettingsError, OSError) as error:
        print(f"storefront-gateway: {error}", file=sys.stderr)
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main())
