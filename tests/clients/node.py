"""The scripts in `clients/graphql`, run by Node with the packages that its lock file names."""

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.processes import ROOT

FOLDER = ROOT / "clients" / "graphql"
SECONDS = 60


async def run(*words: str, folder: Path = FOLDER) -> str:
    """What a command prints; skips where there is no Node, or nothing is installed, which fails in CI."""
    if not shutil.which("node") or not (FOLDER / "node_modules" / "graphql-http").exists():
        assert not os.environ.get("CI"), "CI runs every test: run `make clients/graphql/node_modules` first"
        pytest.skip("there is no node, or no clients/graphql/node_modules: run `make clients/graphql/node_modules`")
    process = await asyncio.create_subprocess_exec(
        *words, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        out, error = await asyncio.wait_for(process.communicate(), SECONDS)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, error.decode()[-2_000:]
    return out.decode()


async def script(name: str, argument: str) -> Any:
    """The JSON that a script prints."""
    return json.loads(await run("node", f"{name}.mjs", argument))
