"""A Varnish for tests, with the VCL of `deploy/`: a process of its own in front of one address."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import aiohttp
import pytest

from tests.running import free_port

VCL = Path(__file__).parent.parent / "deploy" / "varnish" / "gateway.vcl"
START_SECONDS = 30
"""It compiles the VCL first, by way of C."""


def executable() -> str:
    """The system's `varnishd`, where it has vmod xkey; skips where there is none, except in CI."""
    found = shutil.which("varnishd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found and [*Path("/usr").glob("lib*/**/varnish/vmods/libvmod_xkey.so")]:
        return found
    assert not os.environ.get("CI"), "CI runs every test: install varnish and varnish-modules"
    pytest.skip("there is no varnishd with vmod xkey: install varnish and varnish-modules")


@asynccontextmanager
async def running_varnish(before: str, *, port: int = 0) -> AsyncIterator[str]:
    """The URL of a Varnish before an address, for as long as the block runs."""
    found, port, origin = executable(), port or free_port(), urlsplit(before)
    with TemporaryDirectory(prefix="varnish-") as folder:
        vcl = VCL.read_text(encoding="utf-8")
        for name, own in {'"gateway"': f'"{origin.hostname}"', '"8000"': f'"{origin.port}"'}.items():
            assert vcl.count(name) == 1
            vcl = vcl.replace(name, own)
        file = Path(folder) / "gateway.vcl"
        file.write_text(vcl, encoding="utf-8")
        process = await asyncio.create_subprocess_exec(
            found,
            *("-F", "-j", "none", "-n", f"{folder}/work", "-f", str(file), "-s", "malloc,32m"),
            *("-a", f"127.0.0.1:{port}", "-T", "none"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            await _answering(process, url)
            yield url
        finally:
            if process.returncode is None:
                process.terminate()
            await process.communicate()


async def _answering(process: asyncio.subprocess.Process, url: str) -> None:
    async with asyncio.timeout(START_SECONDS), aiohttp.ClientSession() as client:
        while True:
            if process.returncode is not None:
                pytest.fail((await process.communicate())[1].decode())
            try:
                async with client.get(f"{url}/livez") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.02)
