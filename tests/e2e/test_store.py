"""The store in a browser, on a desktop and on a phone: both widgets, backends that misbehave, and what was asked."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import expect

from tests.demos import Demo
from tests.e2e.conftest import Visit

PICKER, PANEL = "rc-subscription-picker", "rc-loyalty-panel"


async def test_a_product_page_asks_once_and_as_any_cache_may_keep(visit: Visit) -> None:
    """One GET with no header but Accept, the same for every visitor of the shop."""
    await visit.go("/products/yirgacheffe-aricha")
    (request,) = visit.asked()
    assert request.method == "GET"
    asked = parse_qs(urlsplit(request.url).query)
    assert asked["shop"] == ["aurora-coffee.myshopify.com"]
    assert json.loads(asked["variables"][0]) == {"productId": "7301220450001"}
    headers = await request.all_headers()
    assert not {"authorization", "cookie", "content-type", "x-explain", "graphql-client-name"} & set(headers)

    picker = visit.page.locator(PICKER)
    await expect(picker.get_by_role("radio", name="250 g / Whole bean")).to_be_checked()
    await expect(picker.get_by_role("radio", name="Subscribe and save")).to_be_checked()
    await expect(picker.get_by_label("Delivered")).to_have_value("gid://recharge/Plan/11400101")
    await expect(picker.get_by_role("button", name="Subscribe · $16.65")).to_be_enabled()
    await expect(picker.get_by_text("Earns 80 Beans or more")).to_be_visible()
    await visit.page.get_by_role("navigation", name="Main").get_by_role("link", name="Boxes").click()
    await expect(picker.get_by_text("choose 4 items, and change them before each delivery")).to_be_visible()
    await picker.get_by_role("radio", name="8 bags").check()
    await expect(picker.get_by_text("choose 8 items")).to_be_visible()
    await expect(picker.get_by_role("radio", name="One-time purchase")).to_have_count(0)


async def test_a_subscription_goes_into_the_cart(visit: Visit) -> None:
    """By keyboard alone; the page gets the line that Shopify's cart takes."""
    await visit.go("/products/yirgacheffe-aricha")
    page = visit.page
    await page.evaluate(
        "document.addEventListener('rc-add-to-cart', (event) => { (window.lines ??= []).push(event.detail.line); })"
    )
    picker = page.locator(PICKER)
    await picker.get_by_role("radio", name="250 g / Whole bean").focus()
    await page.keyboard.press("ArrowRight")
    await expect(picker.get_by_role("radio", name="250 g / Ground")).to_be_checked()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await expect(picker.get_by_label("Delivered")).to_be_focused()
    await picker.get_by_label("Delivered").select_option(label="Every month")
    await picker.get_by_role("button", name="One more").press("Enter")
    await picker.get_by_role("button", name="Subscribe · $33.30").press("Enter")
    assert await page.evaluate("window.lines") == [
        {
            "merchandiseId": "gid://shopify/ProductVariant/42117330212769",
            "quantity": 2,
            "sellingPlanId": "gid://shopify/SellingPlan/690121400103",
        }
    ]
    cart = page.get_by_role("dialog", name="Your cart")
    await expect(cart.get_by_text("2 × 250 g / Ground · Every month")).to_be_visible()
    await expect(cart.get_by_text("$33.30")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(cart).to_be_hidden()
    await expect(page.get_by_role("button", name="Cart 2")).to_be_visible()

    await picker.get_by_role("radio", name="One-time purchase").check()
    await picker.get_by_role("button", name="Add to cart · $37.00").click()
    assert (await page.evaluate("window.lines"))[1] == {
        "merchandiseId": "gid://shopify/ProductVariant/42117330212769",
        "quantity": 2,
    }


async def test_the_account_shows_what_is_the_shoppers(visit: Visit) -> None:
    """One request for the panel, one for the overview, both with the session."""
    await visit.go("/account")
    page, panel = visit.page, visit.page.locator(PANEL)
    await expect(panel.get_by_role("heading", name="1,090 Beans")).to_be_visible()
    await expect(panel.get_by_text("Gold is the highest level")).to_be_visible()
    await expect(panel.get_by_role("listitem").filter(has_text="Free product")).to_contain_text("110 Beans to go")
    await expect(panel.get_by_role("listitem").filter(has_text="Leave a review")).to_contain_text("+50 Beans")
    await expect(page.get_by_role("heading", name="Next delivery")).to_be_visible()
    await expect(page.get_by_text("Antigua Los Volcanes").first).to_be_visible()
    assert [request.method for request in visit.asked()] == ["POST", "POST"]
    for request in visit.asked():
        assert (await request.all_headers())["authorization"].startswith("Bearer ")


async def test_a_visitor_sees_the_programme_and_signs_in(visit: Visit) -> None:
    """Nobody's account is a choice of shoppers; the panel says what there is to gain."""
    await visit.page.context.add_cookies([{"name": "demo_shopper", "value": "guest", "url": visit.url}])
    await visit.go("/account")
    page, panel = visit.page, visit.page.locator(PANEL)
    await expect(panel.get_by_role("heading", name="Collect Beans with every order")).to_be_visible()
    await expect(panel.get_by_role("list", name="Levels")).to_contain_text("Silver")
    (request,) = visit.asked()
    assert "authorization" not in await request.all_headers()
    await page.get_by_role("button", name="Kaito Moreau").click()
    await expect(page.get_by_role("heading", name="Hello, Kaito")).to_be_visible()
    await page.wait_for_load_state("networkidle")


async def test_the_strip_shows_the_calls_behind_each_answer(visit: Visit) -> None:
    """Opened, it asks again with the session that may know; another shopper is a choice away."""
    await visit.go("/account")
    page, strip = visit.page, visit.page.locator("#strip")
    await strip.get_by_role("button", name="Behind the page").click()
    calls = strip.locator(".trace", has_text="<rc-loyalty-panel>").locator(".calls li")
    await expect(calls.filter(has_text="GET /v1/vip_tiers?limit=250")).to_contain_text("200")
    await expect(calls).to_have_count(8)
    await page.wait_for_load_state("networkidle")
    await strip.get_by_label("You are").select_option(label="Yusuf Keller")
    await expect(page.get_by_role("heading", name="Hello, Yusuf")).to_be_visible()
    await page.wait_for_load_state("networkidle")


FAULTS: dict[str, dict[str, Any]] = {
    "loyalty": {
        "/account": ["Your points can’t be shown", "Next delivery", "Antigua Los Volcanes", "Store credit"],
        "/": ["Subscribe · $16.65"],
    },
    "bundles": {
        "/account": ["1,090 Beans", "Next delivery", "What is in the box can’t be shown at the moment."],
        "/": ["Subscribe · $16.65", "Earns 80 Beans or more"],
    },
    "subscriptions": {
        "/account": ["Your balance can’t be shown", "Ways to earn", "They can’t be shown at the moment."],
        "/": ["Buying options can’t be shown"],
    },
}
"""What a page still says, and says instead, while a backend fails."""


@pytest.mark.parametrize("service", FAULTS)
async def test_a_failing_backend_costs_the_page_its_own_part(visit: Visit, demo: Demo, service: str) -> None:
    """The rest stays, each gap says so in words, and axe has nothing to add; well again, trying again mends it."""
    for path, words in FAULTS[service].items():
        assert await demo.tell(service, "failing") == 200
        await visit.go(path)
        for each in words:
            await expect(visit.page.get_by_text(each).first).to_be_visible()
        assert await visit.violations() == []
        assert await demo.tell(service, "well") == 200
        retry = visit.page.get_by_role("button", name="Try again")
        # The last ones first: a button that has done its work goes.
        for each in reversed(await retry.all()):
            await each.click()
        if service == "bundles":
            await visit.go(path)
        await expect(visit.page.get_by_text("can’t be shown")).to_have_count(0)


async def test_a_hanging_backend_leaves_a_skeleton_and_then_a_gap(visit: Visit) -> None:
    """The strip turns it on live; while the answer is out the panel is busy, and says when it takes long."""
    await visit.go("/account")
    page, strip, panel = visit.page, visit.page.locator("#strip"), visit.page.locator(PANEL)
    await strip.get_by_role("button", name="Behind the page").click()
    await expect(strip.locator(".calls li").first).to_be_visible()
    loyalty = strip.get_by_role("group", name="loyalty")
    await loyalty.get_by_role("radio", name="Hangs").check()
    # What was there stays, and is marked as being fetched anew.
    await expect(panel.locator(".panel")).to_have_attribute("aria-busy", "true")
    await expect(panel.get_by_role("heading", name="1,090 Beans")).to_be_visible()
    await expect(panel.get_by_role("heading", name="Your points can’t be shown")).to_be_visible(timeout=15_000)
    trace = strip.locator(".trace", has_text="<rc-loyalty-panel>")
    await expect(trace.locator(".wrong")).to_contain_text("loyalty failed")
    await page.reload()
    await expect(panel.locator(".bone").first).to_be_visible()
    await expect(panel.get_by_text("This takes longer than usual…")).to_be_visible(timeout=6_000)
    await expect(panel.get_by_role("heading", name="Your points can’t be shown")).to_be_visible(timeout=15_000)
    await loyalty.get_by_role("radio", name="Well").check()
    await expect(panel.get_by_role("heading", name="1,090 Beans")).to_be_visible()
