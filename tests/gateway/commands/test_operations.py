"""The `operations` command: documents are checked as a start checks them, pushed for all processes, and listed."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from gateway.__main__ import main
from gateway.edge.manifests import document_id
from gateway.edge.pushed import PushedDocuments
from tests.conftest import SHOP, Store, gateway_before
from tests.documents import document
from tests.processes import finished

DOMAIN = "query Domain { shop { domain } }"
PRODUCTS = "query Products($ids: [ID!]!) { products(ids: $ids) { id } }"
SCHEMA = "query Schema { __schema { queryType { name } } }"


def manifest(folder: Path, name: str = "m.json", /, **texts: str) -> Path:
    """A manifest of these documents; those without a name of their own go by their digest."""
    file = folder / name
    file.write_text(json.dumps(texts), encoding="utf-8")
    return file


async def operations(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit status, output and error output; in a thread, since the command has a loop of its own."""
    status = await asyncio.to_thread(main, ["operations", *arguments])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


async def test_check_says_what_each_operation_costs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By its name and ids; `+` where the client's variables decide; and what will not be compiled."""
    file = manifest(tmp_path, portal=document("CustomerPortal"), d=DOMAIN, p=PRODUCTS, s=SCHEMA)
    again = manifest(tmp_path, "again.json", **{document_id(DOMAIN): DOMAIN})
    status, out, error = await operations(capsys, "check", str(file), str(again))
    assert (status, error) == (0, "")
    *lines, last = out.splitlines()
    assert [line.split() for line in lines] == [
        ["548", "CustomerPortal", document_id(document("CustomerPortal")), "portal"],
        ["1", "Domain", document_id(DOMAIN), "d"],
        ["20+", "Products", document_id(PRODUCTS), "p"],
        ["0", "Schema", document_id(SCHEMA), "s", "not", "compiled:", "introspection"],
    ]
    assert last == "4 documents can run."


async def test_check_names_every_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Syntax, schema, costs and ids; and what to do."""
    wide = "{ customer { charges(first: 5000) { nodes { id } } } }"
    manifest(tmp_path, "a.json", good=DOMAIN, syntax="{ shop {", schema="{ nowhere }", wide=wide)
    manifest(tmp_path, "b.json", good=PRODUCTS)
    status, out, error = await operations(capsys, "check", str(tmp_path))
    assert (status, out) == (1, "")
    assert error.splitlines() == [
        "good stands for two documents that differ.",
        "syntax: Syntax Error: Expected Name, found <EOF>.",
        "schema: Cannot query field 'nowhere' on type 'Query'.",
        "wide: The document has more than 100 rows in one list; 100 are the most.",
        "Nothing was taken: mend these documents, and write their manifest anew.",
    ]
    broken = manifest(tmp_path, "c.json", **{"0" * 32: DOMAIN, "a b": DOMAIN})
    (tmp_path / "d.json").write_text("[]", encoding="utf-8")
    status, _, error = await operations(capsys, "check", str(broken), str(tmp_path / "d.json"))
    assert status == 1
    assert f"{broken}: {'0' * 32} is not the md5 digest of its text: print the manifest anew." in error
    assert "'a b' is no id" in error
    assert f"{tmp_path / 'd.json'}: It is no manifest" in error


async def test_check_goes_by_the_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Their limits and their manifests; secrets, shops and backends need not be there."""
    file = manifest(tmp_path, d=DOMAIN)
    settings = tmp_path / "gateway.toml"
    settings.write_text(f"[operations]\nmanifests = [{json.dumps(str(file))}]\n[limits]\ndepth = 2\n", encoding="utf-8")
    assert (await operations(capsys, "check", "--settings", str(settings)))[0] == 0
    settings.write_text(settings.read_text(encoding="utf-8").replace("depth = 2", "depth = 1"), encoding="utf-8")
    status, _, error = await operations(capsys, "check", "--settings", str(settings))
    assert (status, error.splitlines()[0]) == (1, "d: The document has 2 levels of fields; 1 are the most.")
    settings.write_text("[limits]\ndept = 2\n", encoding="utf-8")
    status, _, error = await operations(capsys, "check", "--settings", str(settings))
    assert (status, "limits.dept: there is no such setting. Did you mean depth?" in error) == (2, True)


async def test_without_manifests_or_redis(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is missing is said, and how to go without."""
    status, _, error = await operations(capsys, "check")
    assert (status, error.startswith("storefront-gateway: There is no manifest. Name files")) == (2, True)
    file = str(manifest(tmp_path, d=DOMAIN))
    for arguments in (("push", file), ("list",)):
        status, _, error = await operations(capsys, *arguments)
        assert status == 2
        assert "redis.url is not set" in error
        assert "SIGHUP" in error
    assert (await operations(capsys, "check", str(tmp_path / "missing.json")))[0] == 2


async def test_a_pushed_document_runs_at_once_in_every_process(store: Store, redis_url: str, tmp_path: Path) -> None:
    """Also where only known documents run; the command is a process of its own, as a deployment's is."""
    file = str(manifest(tmp_path, Domain=DOMAIN))
    operations = {"safelist": "enforce"}
    redis = {"url": redis_url}
    async with (
        gateway_before(store, operations=operations, redis=redis) as one,
        gateway_before(store, operations=operations, redis=redis) as other,
    ):
        asked = [(gateway, wanted) for gateway in (one, other) for wanted in ("Domain", document_id(DOMAIN))]

        async def statuses() -> list[int]:
            found = []
            for gateway, wanted in asked:
                sent = gateway.client.post(f"{gateway.url}/graphql", params={"shop": SHOP}, json={"documentId": wanted})
                async with sent as response:
                    found.append(response.status)
            return found

        assert await statuses() == [404] * 4
        status, out, _ = await finished("operations", "push", file, environment={"GATEWAY_REDIS__URL": redis_url})
        assert (status, out.splitlines()[-1]) == (0, "Pushed 1 document, 1 of them new.")
        assert await statuses() == [200] * 4
        assert (await one.ask(DOMAIN)).data == {"shop": {"domain": SHOP}}


async def test_a_withdrawn_document_is_gone_in_every_process(store: Store, redis_url: str, tmp_path: Path) -> None:
    """By all of its ids, with answers that are kept; not what the settings name, nor what was pushed beside it."""
    product = 'query Product { product(id: "1") { id } }'
    pushed = str(manifest(tmp_path, Product=product, Other=PRODUCTS, Domain=DOMAIN))
    given: dict[str, Any] = {
        "operations": {"safelist": "enforce", "manifests": [str(manifest(tmp_path, "n.json", Named=DOMAIN))]},
        "redis": {"url": redis_url},
        "cache": {"keep": "public"},
    }
    environment = {"GATEWAY_REDIS__URL": redis_url}
    ids = ["Product", document_id(product), "Other", "Domain", "Named", document_id(DOMAIN)]
    async with gateway_before(store, **given) as one, gateway_before(store, **given) as other:

        async def statuses() -> list[list[int]]:
            found: list[list[int]] = []
            for gateway in (one, other):
                found.append([])
                for wanted in ids:
                    body = {"documentId": wanted, "variables": {"ids": ["1"]}}
                    sent = gateway.client.post(f"{gateway.url}/graphql", params={"shop": SHOP}, json=body)
                    async with sent as response:
                        found[-1].append(response.status)
            return found

        assert (await finished("operations", "push", pushed, environment=environment))[0] == 0
        for _ in range(2):
            assert await statuses() == [[200] * 6] * 2
        status, out, error = await finished("operations", "withdraw", "Product", "Domain", environment=environment)
        assert (status, error) == (0, "")
        gone = sorted(["Product", document_id(product), "Domain", document_id(DOMAIN)])
        assert out.splitlines() == [*(f"  {each}" for each in gone), "Withdrew 4 ids; every process was told."]
        async with asyncio.timeout(10):
            while await statuses() != [[404, 404, 200, 404, 200, 200]] * 2:  # noqa: ASYNC110  # another process tells nobody
                await asyncio.sleep(0.02)
        assert (await one.ask(product)).errors[0]["extensions"]["code"] == "PERSISTED_DOCUMENT_ID_REQUIRED"
        status, out, error = await finished("operations", "withdraw", "Product", environment=environment)
        assert (status, out) == (1, "Withdrew 0 ids; every process was told.\n")
        assert error == "Product is no id of a pushed document: look at `operations list`.\n"
        assert (await finished("operations", "push", pushed, environment=environment))[0] == 0
        assert await statuses() == [[200] * 6] * 2


async def test_push_changes_no_document(
    redis_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is there stays; an id that is there with another text refuses all of them, and so does a faulty one."""
    monkeypatch.setenv("GATEWAY_REDIS__URL", redis_url)
    assert (await operations(capsys, "push", str(manifest(tmp_path, a=DOMAIN))))[0] == 0
    _, out, _ = await operations(capsys, "push", str(manifest(tmp_path, a=DOMAIN, p=PRODUCTS)))
    assert out.splitlines()[-1] == "Pushed 2 documents, 1 of them new."
    status, out, error = await operations(capsys, "push", str(manifest(tmp_path, a=PRODUCTS, s=SCHEMA)))
    assert (status, out) == (1, "")
    assert error.splitlines()[0] == (
        "a was pushed with another text: pages that are open ask for it by this id, so give the changed document a new"
        " one, such as its digest."
    )
    assert (await operations(capsys, "push", str(manifest(tmp_path, s=SCHEMA, broken="{ nowhere }"))))[0] == 1
    async with Redis.from_url(redis_url) as redis:
        kept = await PushedDocuments(redis).all()
    assert kept == {"a": DOMAIN, document_id(DOMAIN): DOMAIN, "p": PRODUCTS, document_id(PRODUCTS): PRODUCTS}


async def test_list(
    redis_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was pushed and what the settings name; 1 where this release cannot run what pages may still ask for."""
    monkeypatch.setenv("GATEWAY_REDIS__URL", redis_url)
    assert await operations(capsys, "list") == (0, "Pushed:\n0 documents.\n", "")
    assert (await operations(capsys, "push", str(manifest(tmp_path, d=DOMAIN))))[0] == 0
    file = manifest(tmp_path, p=PRODUCTS)
    monkeypatch.setenv("GATEWAY_OPERATIONS__MANIFESTS", json.dumps([str(file)]))
    status, out, _ = await operations(capsys, "list")
    assert status == 0
    assert [line.split() for line in out.splitlines()] == [
        [f"{file}:"],
        ["20+", "Products", document_id(PRODUCTS), "p"],
        ["1", "document."],
        ["Pushed:"],
        ["1", "Domain", document_id(DOMAIN), "d"],
        ["1", "document."],
    ]
    async with Redis.from_url(redis_url) as redis:
        await PushedDocuments(redis).push({"old": "{ gone }"})
    status, out, _ = await operations(capsys, "list")
    assert status == 1
    assert "  this release cannot run old: Cannot query field 'gone' on type 'Query'." in out.splitlines()


async def test_a_redis_that_does_not_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Said without its address, which holds a password."""
    monkeypatch.setenv("GATEWAY_REDIS__URL", "redis://user:secret@127.0.0.1:1/0")
    status, out, error = await operations(capsys, "push", str(manifest(tmp_path, d=DOMAIN)))
    assert (status, out) == (2, "")
    assert error == "storefront-gateway: Redis does not answer (ConnectionError): look whether redis.url is right.\n"
