"""docs/adding-a-domain.md, followed to the letter in a copy of the project."""

import asyncio
import json
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.conftest import SHOP, Store, shops_for
from tests.processes import ROOT, command, line_with
from tests.running import running

RECIPE = ROOT / "docs" / "adding-a-domain.md"
REVIEWS = [
    {"id": 1, "product_id": "42", "stars": 5, "text": "Good.", "created_at": "2026-11-01T10:00:00Z"},
    {"id": 2, "product_id": "42", "stars": 2, "created_at": "2026-11-02T10:00:00+00:00", "unknown": True},
]


def steps() -> Iterator[tuple[str, str, str]]:
    """Kind, file and text of each block of the page."""
    blocks = re.compile(r"^```(python|diff) (\S+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
    yield from blocks.findall(RECIPE.read_text("utf-8"))


def follow(kind: str, path: Path, text: str) -> None:
    """A new file, or lines that go below those shown."""
    if kind == "python":
        assert not path.exists()
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return
    lines = text.splitlines()
    shown = "\n".join(line[1:] for line in lines if line.startswith(" ")) + "\n"
    added = "\n".join(line[1:] for line in lines if line.startswith("+")) + "\n"
    before = path.read_text(encoding="utf-8")
    assert before.count(shown) == 1, f"{path.name} does not have, or has twice:\n{shown}"
    path.write_text(before.replace(shown, shown + added), encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project with the recipe followed."""
    for name in ("gateway", "schema", "resolvers", "backends", "pyproject.toml"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    for kind, file, text in steps():
        follow(kind, tmp_path / file, text)
    return tmp_path


async def run(project: Path, *arguments: str) -> tuple[int, str]:
    """Status and output of a tool, run in the copy."""
    process = await asyncio.create_subprocess_exec(
        *arguments, cwd=project, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode()


async def test_the_recipe_keeps_the_contracts(project: Path) -> None:
    """Imports, style and types of the new files are those of the project."""
    tools = Path(sys.executable).parent
    status, output = await run(project, str(tools / "lint-imports"))
    assert (status, "0 broken" in output) == (0, True), output
    new = ["resolvers/reviews", "schema/reviews.py"]
    status, output = await run(project, str(tools / "ruff"), "check", *new)
    assert status == 0, output
    status, output = await run(project, str(tools / "ruff"), "format", "--check", *new)
    assert status == 0, output


async def test_the_recipe_answers(project: Path, store: Store) -> None:
    """A gateway with the new domain asks the new backend, in one call, with the shop's token."""
    asked: list[tuple[str, str | None]] = []

    async def reviews(request: Request) -> JSONResponse:
        asked.append((request.url.query, request.headers.get("authorization")))
        return JSONResponse({"reviews": REVIEWS, "metadata": {"next_cursor": None}})

    async with running(Starlette(routes=[Route("/v1/reviews", reviews)])) as url:
        environment = settings(store, url)
        async with command("serve", environment=environment, folder=project) as process:
            endpoint = (await line_with(process.stderr, "listens on")).rpartition(" ")[2]
            query = """{
                a: productReviews(productId: "42") { stars text createdAt }
                b: productReviews(productId: "7") { id }
            }"""
            async with (
                aiohttp.ClientSession() as client,
                client.post(endpoint, params={"shop": SHOP}, json={"query": query}) as response,
            ):
                answer = await response.json()

    assert answer == {
        "data": {
            "a": [
                {"stars": 5, "text": "Good.", "createdAt": "2026-11-01T10:00:00Z"},
                {"stars": 2, "text": None, "createdAt": "2026-11-02T10:00:00Z"},
            ],
            "b": [],
        },
    }
    assert asked == [("product_ids=42,7&limit=250", "Bearer reviews-token")]


def settings(store: Store, reviews_url: str) -> Mapping[str, str]:
    """Settings of a gateway with four backends, as variables."""
    shop = shops_for(store.tokens)[SHOP]
    shop["backends"]["reviews"] = {"token": "reviews-token"}
    return {
        "GATEWAY_SERVER__PORT": "0",
        "GATEWAY_SESSIONS__SECRET": "s" * 40,
        "GATEWAY_SHOPS": json.dumps({SHOP: shop}),
        **{f"GATEWAY_BACKENDS__{name.upper()}__URL": url for name, url in store.urls.items()},
        "GATEWAY_BACKENDS__REVIEWS__URL": reviews_url,
    }
