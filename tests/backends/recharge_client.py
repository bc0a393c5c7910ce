"""Runs the official client against a store of its own; as a command it writes the table in docs/recharge.md.

`python -m tests.backends.recharge_client`
"""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from backends import demo_customer_id, shopify_customer_token
from backends.front import FrontSettings, create_front
from tests.backends.services import AURORA, TOKENS, running
from tests.backends.stores import check, store

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "clients" / "recharge"
DOCUMENT = ROOT / "docs" / "recharge.md"
MARKS = ("<!-- table: begin -->", "<!-- table: end -->")
SHOPIFY_CUSTOMER = "5624559000145"
LOGIN_CODE = "123456"


async def command(*words: str) -> str:
    """What a command in the client's folder prints; raises RuntimeError with what it complains about."""
    process = await asyncio.create_subprocess_exec(
        *words, cwd=FOLDER, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    printed, complained = await asyncio.wait_for(process.communicate(), 180)
    if process.returncode:
        raise RuntimeError(complained.decode()[-2_000:])
    return printed.decode()


async def install() -> None:
    """What the lock file names, once."""
    if not (FOLDER / "node_modules" / "@rechargeapps").is_dir():
        await command("npm", "ci", "--no-audit", "--no-fund")


async def run_client() -> dict[str, Any]:
    """How each method went: `methods`, `missing`, `errors` and the `table`."""
    await install()
    async with store(20, login_code=LOGIN_CODE) as shop:
        front = FrontSettings(
            subscriptions_url=f"http://127.0.0.1:{shop.subscriptions.port}",
            bundles_url=f"http://127.0.0.1:{shop.bundles.port}",
            shop=AURORA.domain,
            app_secret=SecretStr("hush"),
            logged_in_customer_id=SHOPIFY_CUSTOMER,
        )
        customer = (await shop.subscriptions(f"/customers/{demo_customer_id()}")).body["customer"]
        service_token = TOKENS[AURORA.domain].get_secret_value()
        async with running(create_front(front)) as port:
            given = {
                "base": f"http://127.0.0.1:{port}",
                "shop": AURORA.domain,
                "customerToken": shopify_customer_token(service_token, AURORA.domain, customer["id"]),
                "email": customer["email"],
                "loginCode": LOGIN_CODE,
            }
            found: dict[str, Any] = json.loads(await command("node", "run.mjs", json.dumps(given)))
        await check(shop.subscriptions)
        return found


def has_node() -> bool:
    """Whether the client can be run at all."""
    return shutil.which("node") is not None and shutil.which("npm") is not None


def documented() -> str:
    """The table as it stands in the document."""
    text = DOCUMENT.read_text(encoding="utf-8")
    return text.partition(MARKS[0])[2].partition(MARKS[1])[0].strip()


def document(table: str) -> None:
    """Puts the table into the document."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    DOCUMENT.write_text(f"{before}{MARKS[0]}\n\n{table}\n\n{MARKS[1]}{after}", encoding="utf-8")


if __name__ == "__main__":
    document(asyncio.run(run_client())["table"])
