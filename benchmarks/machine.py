"""On what, and with which versions, a run was made."""

import json
import os
import platform
import shutil
import subprocess
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

PACKAGES = (
    "strawberry-graphql",
    "graphql-core",
    "starlette",
    "uvicorn",
    "uvloop",
    "httptools",
    "aiohttp",
    "aiodataloader",
    "msgspec",
    "joserfc",
)


def description() -> str:
    """Processor, cores, system."""
    return f"{_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"


def versions(peers: Iterable[Path]) -> dict[str, str]:
    """Of everything that was measured."""
    packages = [json.loads((folder / "package.json").read_text(encoding="utf-8")) for folder in peers]
    locked = {
        name: number
        for package in packages
        for kind in ("dependencies", "optionalDependencies")
        for name, number in package.get(kind, {}).items()
    }
    return {
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
        **({"node": _node()} if shutil.which("node") else {}),
        **locked,
    }


def _node() -> str:
    found = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True)  # noqa: S607  # the node on the PATH is the one that runs the peers
    return found.stdout.strip().removeprefix("v")


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
