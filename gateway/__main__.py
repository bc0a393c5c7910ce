"""The `storefront-gateway` command."""

import argparse
import sys
from collections.abc import Sequence

from gateway.commands import backend, demo, schema, serve, session, settings
from gateway.settings import SettingsError

COMMANDS = (demo, serve, backend, session, schema, settings)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status is returned."""
    parser = argparse.ArgumentParser(prog="storefront-gateway", description=__doc__)
    subparsers = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_to(subparsers)
    options = parser.parse_args(arguments)
    try:
        status: int = options.run(options)
    except (SettingsError, OSError) as error:
        print(f"storefront-gateway: {error}", file=sys.stderr)
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main())
