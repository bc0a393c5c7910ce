"""Fresh secrets for docker-compose.yml, as the lines of an `.env` file."""

import json
import secrets
from collections.abc import Iterator

from backends import BACKENDS, SHOPS
from resolvers import RECHARGE_TOPICS


def lines() -> Iterator[str]:
    """One variable a line; values with quotes are JSON, which Compose takes as it is."""
    yield f"MYSQL_ROOT_PASSWORD={secrets.token_hex(16)}"
    yield f"SESSION_SECRET={secrets.token_hex(32)}"
    tokens = {name: {shop.domain: f"sk_{secrets.token_hex(16)}" for shop in SHOPS} for name in BACKENDS}
    for name, by_shop in tokens.items():
        yield f"{name.upper()}_TOKENS={json.dumps(by_shop)}"
    signed = {name: {shop.domain: secrets.token_hex(32) for shop in SHOPS} for name in RECHARGE_TOPICS}
    for name, by_shop in signed.items():
        yield f"{name.upper()}_CLIENT_SECRETS={json.dumps(by_shop)}"
    shops = {
        shop.domain: {
            "id": shop.id,
            "currency_code": shop.currency,
            "backends": {
                name: {
                    "token": tokens[name][shop.domain],
                    "webhook_secrets": [signed[name][shop.domain]] if name in signed else [],
                }
                for name in BACKENDS
            },
        }
        for shop in SHOPS
    }
    yield f"SHOPS={json.dumps(shops)}"


if __name__ == "__main__":
    print("\n".join(lines()))
