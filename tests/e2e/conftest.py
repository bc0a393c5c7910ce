"""Headless Chromium before the demo; every page must stay silent, and ask nobody but the demo."""

import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, Request, async_playwright

from tests.demos import Demo, running_demo
from tests.processes import ROOT

FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"]
"""Containers have neither user namespaces nor much shared memory."""

AXE = ROOT / "widgets" / "node_modules" / "axe-core" / "axe.min.js"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of this folder bears the marker; `-m "not e2e"` leaves it out."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The system's browser; skips where there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        assert not os.environ.get("CI"), "CI runs every test: install chromium"
        pytest.skip("there is no chromium on the PATH")
    return found


@pytest.fixture(scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """One browser for all of these tests."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield launched
        await launched.close()


@pytest.fixture(scope="session")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    """One demo for all of these tests; each leaves its backends well."""
    async with running_demo(tmp_path_factory.mktemp("demo")) as fresh:
        yield fresh


@dataclass
class Visit:
    """A page and what was noticed while it was open."""

    page: Page
    url: str
    requests: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """From now on, keep what is asked and what the browser complains about."""
        self.page.on("request", lambda request: self.requests.append(request))  # noqa: PLW0108  # playwright marks the function
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._heard)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    async def go(self, path: str) -> None:
        """Open a page of the store and wait until nothing is under way."""
        await self.page.goto(f"{self.url}{path}")
        await self.page.wait_for_load_state("networkidle")

    def asked(self, method: str = "", path: str = "/graphql") -> list[Request]:
        """Requests so far by method and path."""
        return [
            request
            for request in self.requests
            if urlsplit(request.url).path == path and method in {"", request.method}
        ]

    async def violations(self) -> list[str]:
        """What axe finds on the page, shadow roots included, in all of its rules."""
        if not AXE.exists():
            assert not os.environ.get("CI"), "CI runs every test: run `npm ci` in widgets/ first"
            pytest.skip("there is no widgets/node_modules with axe-core")
        # Through the debugger, which the page's Content-Security-Policy does not bind.
        await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = await self.page.evaluate("async () => (await axe.run()).violations")
        return [f"{each['id']}: {node['target']} {node['failureSummary']}" for each in found for node in each["nodes"]]


@pytest.fixture(params=[(1280, 900), (390, 844)], ids=["desktop", "phone"])
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    """A desktop's window, and a phone's."""
    width, height = request.param
    return width, height


@pytest.fixture
async def visit(browser: Browser, demo: Demo, size: tuple[int, int]) -> AsyncIterator[Visit]:
    """A browser that was never here. At the end nobody else was asked, and the console is empty."""
    width, height = size
    context = await browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    visited = Visit(await context.new_page(), demo.url)
    visited.watch()
    yield visited
    await context.close()
    for service in ("subscriptions", "bundles", "loyalty"):
        await demo.tell(service, "well")
    outside = {request.url for request in visited.requests if not request.url.startswith((f"{demo.url}/", "data:"))}
    assert (outside, visited.complaints) == (set(), [])
