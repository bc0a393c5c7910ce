"""The store's pages by axe, on a desktop and on a phone; and nothing jumps while they fill."""

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import Visit

PICKER, PANEL = "rc-subscription-picker", "rc-loyalty-panel"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/products/build-your-own-coffee-box",
        "/products/nano-lot-of-the-quarter",
        "/products/dark-chocolate-coffee-beans",
    ],
)
async def test_a_product_page_is_accessible(visit: Visit, path: str) -> None:
    """Axe finds nothing, in the strip neither, and the page fits its window."""
    await visit.go(path)
    assert await visit.violations() == []
    assert await visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("shopper", ["guest", ""])
async def test_the_account_is_accessible(visit: Visit, shopper: str) -> None:
    """With everything open, and with the strip over it."""
    if shopper:
        await visit.page.context.add_cookies([{"name": "demo_shopper", "value": shopper, "url": visit.url}])
    await visit.go("/account")
    for summary in await visit.page.locator("summary").all():
        await summary.click()
    assert await visit.violations() == []
    await visit.page.locator("#strip").get_by_role("button", name="Behind the page").click()
    await visit.page.wait_for_load_state("networkidle")
    assert await visit.violations() == []
    assert await visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("path", ["/", "/account"])
async def test_nothing_moves_while_a_page_fills(visit: Visit, path: str) -> None:
    """Skeletons have the size of what they stand for."""
    await visit.page.add_init_script("""
        window.shifts = [];
        new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts.push(entry.value);
        }).observe({ type: "layout-shift", buffered: true });
    """)
    await visit.go(path)
    await expect(visit.page.locator(f"{PICKER} form, {PANEL} header")).to_be_visible()
    shifts = await visit.page.evaluate("window.shifts")
    assert sum(shifts) < 0.02, shifts
