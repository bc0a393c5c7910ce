"""Fresh secrets for docker-compose.yml, as the lines of an `.env` file."""

import json
import secrets
from collections.abc import Iterator

from backends import BACKENDS, SHOPS


def lines() -> Iterator[str]:
    """One variable a line; values with quotes are JSON, which Compose takes as it is."""
    yield f"MYSQL_ROOT_PASSWORD={secrets.token_hex(16)}"
    yield f"SESSION_SECRET={secrets.token_hex(32)}"
    tokens = {name: {shop.domain: f"sk_{secrets.token_hex(16)}" for shop in SHOPS} for name in BACKENDS}
    for name, by_shop in tokens.items():
        yield f"{name.upper()}_TOKENS={json.dumps(by_shop)}"
    shops = {
        shop.domain: {
            "id": shop.id,
            "currency_code": shop.currency,
            "backends": {name: {"token": tokens[name][shop.domain]} for name in BACKENDS},
        }
        for shop in SHOPS
    }
    yield f"SHOPS={json.dumps(shops)}"


if __name__ == "__main__":
    print("\n".join(lines()))
