"""Shops side by side: each at its own addresses, by any of its names, and none at another's cost."""

import asyncio

import pytest
from starlette.requests import Request

from gateway.app import create_app
from gateway.identity import signed_tokens
from gateway.settings import SettingsError
from tests.conftest import OTHER_SHOP, SHOP, Answer, Gateway, Store, gateway_before, settings_for, shops_for
from tests.fronts import Front, hanging
from tests.running import running

LABEL = "{ shop { domain } loyaltyProgram { pointsLabel { one } } }"
ALIAS, OTHER_ALIAS = "www.aurora-coffee.example", "www.nordlys-skin.example"
NOT_VALID = "No valid session: send a token of this shop's, or `?shop=` alone for public data."


def label(answer: Answer) -> tuple[str, str]:
    """The shop's domain and its points."""
    return answer.data["shop"]["domain"], answer.data["loyaltyProgram"]["pointsLabel"]["one"]


async def test_a_shop_with_an_address_of_its_own(store: Store) -> None:
    """Its calls go there, with its own token; every other call goes where it always did."""
    async with Front("loyalty", store.urls["loyalty"]).open() as own:
        shops = shops_for(store.tokens)
        shops[OTHER_SHOP]["backends"]["loyalty"]["url"] = f"{own.url}/"
        async with gateway_before(store, shops=shops) as gateway:
            assert label(await gateway.ask(LABEL, shop=OTHER_SHOP)) == (OTHER_SHOP, "Glow point")
            assert gateway.calls == []
            assert label(await gateway.ask(LABEL, shop=SHOP)) == (SHOP, "Bean")
            assert gateway.calls == ["loyalty /v1/points_settings"]
        assert own.calls == ["/v1/points_settings"]
        assert own.headers[0]["authorization"] == f"Bearer {store.tokens['loyalty'][OTHER_SHOP]}"


async def test_a_pool_for_each_address(store: Store) -> None:
    """Shops at one address take turns on its connections; a shop with its own address has its own."""
    ports: list[int] = []

    async def recording(request: Request, _true: bytes) -> None:
        assert request.client is not None
        ports.append(request.client.port)

    async with Front("loyalty", store.urls["loyalty"], fault=recording).open() as own:
        shops = shops_for(store.tokens)
        third = "third.example"
        shops[third] = shops[OTHER_SHOP]
        for shop in (SHOP, OTHER_SHOP):
            shops[shop] = shops[shop] | {"backends": shops[shop]["backends"] | {"loyalty": at(own, store, shop)}}
        async with gateway_before(store, shops=shops) as gateway:
            gateway.fronts["loyalty"].fault = recording
            for shop in (SHOP, OTHER_SHOP, third):
                await gateway.ask(LABEL, shop=shop)
    assert len(ports) == 3
    assert ports[0] == ports[1]
    assert ports[2] != ports[0]


def at(front: Front, store: Store, shop: str) -> dict[str, str]:
    """A shop's settings of the loyalty backend at an address of its own."""
    return {"token": store.tokens["loyalty"][shop], "url": front.url}


async def test_a_hung_host_of_one_shop_takes_no_connection_of_another(store: Store) -> None:
    """With one connection an address, one shop's call hangs on it and the other shop's is answered."""
    async with Front("loyalty", store.urls["loyalty"], fault=hanging).open() as own:
        shops = shops_for(store.tokens)
        shops[OTHER_SHOP]["backends"]["loyalty"] = at(own, store, OTHER_SHOP)
        backends = {name: {"url": url, "connections": 1, "timeout_seconds": 2} for name, url in store.urls.items()}
        settings = settings_for(store.urls, store.tokens, 2, shops=shops, backends=backends)
        async with running(create_app(settings)) as url:
            gateway = Gateway(url, store.client, signed_tokens(settings), {})
            hung = asyncio.create_task(gateway.ask(LABEL, shop=OTHER_SHOP))
            while not own.calls:  # noqa: ASYNC110  # the proxy keeps a list, and no event
                await asyncio.sleep(0.005)
            assert label(await gateway.ask(LABEL, shop=SHOP)) == (SHOP, "Bean")
            assert not hung.done()
            codes = [error["extensions"]["code"] for error in (await hung).errors]
        assert codes == ["BACKEND_TIMEOUT"]


async def test_a_shop_by_any_of_its_domains(store: Store, shopper: int) -> None:
    """In `?shop=` and in a token's claim, alone and together; what comes of it is the shop by its own domain."""
    shops = shops_for(store.tokens)
    shops[SHOP]["domains"] = [ALIAS]
    shops[OTHER_SHOP]["domains"] = [OTHER_ALIAS]
    mine = {"data": {"shop": {"domain": SHOP}, "customer": {"id": f"gid://recharge/Customer/{shopper}"}}}
    visit = {"data": {"shop": {"domain": SHOP}, "customer": None}}
    unknown = "There is no such shop here: `?shop=` takes its domain, such as name.myshopify.com."
    async with gateway_before(store, shops=shops) as gateway:

        async def asked(shop: str | None, claim: str | None) -> tuple[int, object]:
            async with gateway.client.post(
                f"{gateway.url}/graphql",
                params={"shop": shop} if shop else {},
                json={"query": "{ shop { domain } customer { id } }"},
                headers={"Authorization": f"Bearer {gateway.token(shopper, claim)}"} if claim else {},
            ) as response:
                body = await response.json()
                return response.status, body if response.status == 200 else body["errors"][0]["message"]

        assert await asked(ALIAS, None) == (200, visit)
        assert await asked(None, ALIAS) == (200, mine)
        assert await asked(ALIAS, SHOP) == (200, mine)
        assert await asked(SHOP, ALIAS) == (200, mine)
        assert await asked(OTHER_ALIAS, ALIAS) == (401, NOT_VALID)
        assert await asked("www.unknown.example", None) == (401, unknown)
        assert await asked(ALIAS.upper(), None) == (401, unknown)
        assert await asked(None, "www.unknown.example") == (401, NOT_VALID)
        # The backend knows the shop by its own domain only.
        portal = await gateway.ask("{ shop { customerPortal { canSkip } } }", shop=ALIAS)
        assert portal.data == {"shop": {"customerPortal": {"canSkip": True}}}


def test_a_public_key_is_no_secret(store: Store) -> None:
    """Whoever can read a public key could be any shopper, so that it is refused like any wrong setting."""
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2Cj2Z9v2mD2l3b6yTq1cZr0u8s9n2l5m7p4q6r8t0v"
    settings = settings_for(store.urls, store.tokens, 1, sessions={"secret": key})
    with pytest.raises(SettingsError) as refused:
        signed_tokens(settings)
    assert str(refused.value) == (
        "sessions.secret (GATEWAY_SESSIONS__SECRET): Asymmetric public keys must not be used as oct keys."
    )
