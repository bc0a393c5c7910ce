"""The command line, as processes."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest

from backends import demo_customer_id
from gateway.__main__ import COMMANDS, main
from gateway.identity import signed_tokens
from gateway.loading import load_settings
from tests.conftest import SHOP, Store, shops_for
from tests.processes import ROOT, command, finished, line_with, terminated


@pytest.fixture
def environment(store: Store) -> Mapping[str, str]:
    """Settings of a gateway in front of the store, as variables."""
    return {
        "GATEWAY_SERVER__PORT": "0",
        "GATEWAY_SESSIONS__SECRET": "s" * 40,
        "GATEWAY_SHOPS": json.dumps(shops_for(store.tokens)),
        **{f"GATEWAY_BACKENDS__{name.upper()}__URL": url for name, url in store.urls.items()},
    }


async def test_serve_and_session(environment: Mapping[str, str]) -> None:
    """The gateway alone, and a token from the same settings; SIGTERM is a clean end."""
    customer = str(demo_customer_id())
    status, token, _ = await finished("session", "--shop", SHOP, "--customer", customer, environment=environment)
    assert status == 0
    async with command("serve", environment=environment) as process:
        url = (await line_with(process.stderr, "listens on")).rpartition(" ")[2]
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {token.strip()}"}) as client,
            client.post(url, json={"query": "{ customer { id } }"}) as response,
        ):
            assert await response.json() == {"data": {"customer": {"id": f"gid://recharge/Customer/{customer}"}}}
        status, _, errors = await terminated(process)
    assert status == 0
    for line in errors.splitlines():
        assert set(json.loads(line)) >= {"event", "level", "timestamp"}, line


def test_session_by_a_further_domain_of_the_shop(
    environment: Mapping[str, str], store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The claim says what was asked for; whoever checks it knows the shop."""
    shops = shops_for(store.tokens)
    shops[SHOP]["domains"] = ["www.aurora-coffee.example"]
    for name, value in {**environment, "GATEWAY_SHOPS": json.dumps(shops)}.items():
        monkeypatch.setenv(name, value)
    assert main(["session", "--shop", "www.aurora-coffee.example", "--customer", "7"]) == 0
    viewer = signed_tokens(load_settings()).read(capsys.readouterr().out.strip()).viewer
    assert (viewer.shop, viewer.customer_id) == (SHOP, 7)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--shop", "x.example", "--customer", "1"),
            f"There is no shop x.example in the settings; there are: {SHOP}, ",
        ),
        (("--shop", SHOP, "--customer", "0"), "--customer is a positive number."),
    ],
)
async def test_session_for_nobody(environment: Mapping[str, str], arguments: tuple[str, ...], message: str) -> None:
    """Refused with the reason."""
    status, out, errors = await finished("session", *arguments, environment=environment)
    assert (status, out) == (2, "")
    assert message in errors


async def test_webhooks_of_nobody(environment: Mapping[str, str]) -> None:
    """Without a secret nothing could be verified, so nothing is registered; an address has to be one."""
    address = "https://gateway.example"
    status, out, errors = await finished("webhooks", "--address", address, environment=environment)
    assert (status, out, errors) == (0, "No shop has webhook_secrets, so nothing was registered.\n", "")
    status, out, errors = await finished("webhooks", "--address", "gateway.example", environment=environment)
    assert (status, out) == (2, "")
    assert errors == "storefront-gateway: --address is a URL with http or https and without a query.\n"


async def test_serve_with_wrong_settings(environment: Mapping[str, str]) -> None:
    """It does not start, and says which key to mend."""
    wrong = {**environment, "GATEWAY_LIMITS__BODY_BITES": "1"}
    status, _, errors = await finished("serve", environment=wrong)
    assert status == 2
    assert errors == (
        "storefront-gateway: limits.body_bites: there is no such setting."
        " Did you mean body_bytes? docs/settings.md lists them all.\n"
    )


async def test_backend_alone() -> None:
    """One service, with its tokens told when it made them itself."""
    async with command("backend", "loyalty", environment={"BACKEND_CUSTOMERS": "20"}) as process:
        url = (await line_with(process.stderr, "listens on")).rpartition(" ")[2]
        token = (await line_with(process.stderr, SHOP)).rpartition(" ")[2]
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as client,
            client.get(f"{url}/v1/points_settings") as response,
        ):
            assert await response.json() == {"points_settings": {"points_label": {"one": "Bean", "other": "Beans"}}}
        status, _, errors = await terminated(process)
        assert status == 0
        assert errors.startswith("  token for nordlys-skin.myshopify.com: sk_")
        assert errors.count("\n") == 1


async def test_backend_with_wrong_settings() -> None:
    """Refused at start."""
    status, _, errors = await finished("backend", "loyalty", environment={"BACKEND_CUSTOMERS": "many"})
    assert status == 2
    assert "customers" in errors


@pytest.mark.parametrize(("name", "snapshot"), [("schema", "schema/schema.graphql"), ("settings", "docs/settings.md")])
def test_snapshots_are_current(name: str, snapshot: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is printed from code is checked in; a difference fails, and is written on demand."""
    assert main([name]) == 0
    assert capsys.readouterr().out == (ROOT / snapshot).read_text(encoding="utf-8")
    other = tmp_path / "other"
    other.write_text("old", encoding="utf-8")
    assert main([name, "--check", str(other)]) == 1
    hint = f"run `storefront-gateway {name} --write {other}` and read the difference."
    assert capsys.readouterr().out == f"{other} differs from the code: {hint}\n"
    assert main([name, "--write", str(other)]) == 0
    assert main([name, "--check", str(other)]) == 0
    assert capsys.readouterr().out == ""


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """With what it does."""
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    assert [name for name in COMMANDS if not re.search(rf"^    {name}\b", printed, re.MULTILINE)] == []


def test_an_unknown_command(capsys: pytest.CaptureFixture[str]) -> None:
    """It says which there are."""
    with pytest.raises(SystemExit) as ended:
        main(["dmo"])
    assert ended.value.code == 2
    assert "invalid choice: 'dmo'" in capsys.readouterr().err
