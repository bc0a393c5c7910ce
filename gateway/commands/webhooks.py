"""`webhooks`: register at the backends for what the gateway has to be told of."""

import argparse
import asyncio
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gateway.commands import add_settings_option
from gateway.loading import load_settings
from gateway.registration import RegistrationError, register_webhooks
from gateway.settings import SettingsError

if TYPE_CHECKING:
    from gateway.commands import Subparsers


def add_to(subparsers: "Subparsers") -> None:
    """Declare the command."""
    parser = subparsers.add_parser("webhooks", help="register at the backends for what has to be told to the gateway")
    parser.add_argument(
        "--address",
        required=True,
        metavar="URL",
        help="where backends reach the gateway, such as https://api.example.com",
    )
    add_settings_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Register all topics of all shops that have a secret; status 1 when a backend refuses any."""
    settings = load_settings(options.settings)
    parts = urlsplit(options.address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise SettingsError("--address is a URL with http or https and without a query.")
    try:
        registered = asyncio.run(register_webhooks(settings, options.address))
    except RegistrationError as error:
        print(f"storefront-gateway: {error}", file=sys.stderr)
        return 1
    for each in registered:
        print(f"{each.shop}, {each.backend}: {each.made} registered, {each.kept} there already")
        if each.refused:
            print(f"  refused: {', '.join(each.refused)}")
    if not registered:
        print("No shop has webhook_secrets, so nothing was registered.")
    return 1 if any(each.refused for each in registered) else 0
