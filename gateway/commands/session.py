"""`session`: a shopper's session token, for trying things out and for tests."""

import argparse
from typing import TYPE_CHECKING

from gateway.commands import add_settings_option
from gateway.identity import signed_tokens
from gateway.loading import load_settings
from gateway.settings import SettingsError

if TYPE_CHECKING:
    from gateway.commands import Subparsers


def add_to(subparsers: "Subparsers") -> None:
    """Declare the command."""
    parser = subparsers.add_parser("session", help="print a shopper's session token")
    parser.add_argument("--shop", required=True, help="a domain of the shop, as in the settings")
    parser.add_argument("--customer", required=True, type=int, help="the customer's id in the subscriptions backend")
    parser.add_argument("--scope", action="append", default=[], help="such as `explain`; may be repeated")
    add_settings_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print a token that the gateway with the same settings accepts."""
    settings = load_settings(options.settings)
    if options.shop not in settings.shops_by_name():
        raise SettingsError(f"There is no shop {options.shop} in the settings; there are: {', '.join(settings.shops)}.")
    if options.customer < 1:
        raise SettingsError("--customer is a positive number.")
    lifetime_seconds = settings.sessions.lifetime_seconds
    print(
        signed_tokens(settings).mint(
            options.shop, options.customer, scopes=options.scope, lifetime_seconds=lifetime_seconds
        )
    )
    return 0
