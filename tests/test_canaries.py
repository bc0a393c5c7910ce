"""Nothing that is secret or somebody's own is found where it does not belong: other answers, logs, metrics, Redis."""

import asyncio
import hashlib
import json
import re
import secrets
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from redis.asyncio import Redis
from starlette.requests import Request
from starlette.responses import Response

from gateway.identity import signed_tokens
from gateway.telemetry import traceback_of
from tests.conftest import FLEET_TOKEN, SHOP, Store, settings_for, shops_for
from tests.documents import document
from tests.fronts import Fault, Front, answering, resetting, truncated
from tests.gateway.edge.sessions.test_recharge import logged_in
from tests.gateway.edge.sessions.test_shopify import APP, proxied, signed
from tests.gateway.edge.sessions.test_tool_tokens import TOKENS, TOOLS
from tests.gateway.edge.sessions.test_tool_tokens import token as tool_token
from tests.processes import command, line_with
from tests.redis_server import RedisServer, running_redis
from tests.signing import RECHARGE_SECRET, SHOPIFY_SECRET, encoded, recharge, shopify
from tests.test_directory import BY_EMAIL

PRODUCT = "7301220581073"
KEY = "sgk_" + secrets.token_hex(32)
PERSON = "canary.person@secret.example"
"""Whatever a client or a backend says about somebody, where it has the say."""
STREET = "17 Canary Street"
SECRET = "canary-secret-" + secrets.token_hex(8)
"""What looks like a credential and is none, wherever a client may put one."""


@dataclass
class World:
    """What was sent, and what came of it."""

    secrets: set[str] = field(default_factory=set)
    """In nobody's answer but that of who begins a session, and nowhere else."""
    personal: set[str] = field(default_factory=set)
    """In the answers of whose they are, and nowhere else."""
    answers: list[tuple[str, int, str]] = field(default_factory=list)
    """Who asked, the status, and headers and body of each answer."""
    log: str = ""
    metrics: str = ""
    keys: list[str] = field(default_factory=list)
    """The names of all keys in Redis."""
    values: str = ""
    """All that is in them."""

    people: dict[str, str] = field(default_factory=dict)
    """Each shopper's own address, by who asked."""


@dataclass
class Client:
    """Asks the gateway as anybody, and keeps every answer."""

    world: World
    url: str
    session: aiohttp.ClientSession

    async def send(
        self, who: str, method: str, path: str, *, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> str:
        """One request; the answer's text."""
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        sent = {"Cookie": f"session={SECRET}", "Content-Type": "application/json", **(headers or {})}
        async with self.session.request(method, self.url + path, data=data, headers=sent) as response:
            text = await response.text()
            self.world.answers.append((who, response.status, f"{dict(response.headers)} {text}"))
            return text


def settings_of(
    store: Store, fronts: Mapping[str, Front], redis_url: str, session_secret: str, metrics_token: str
) -> dict[str, Any]:
    """A gateway's settings with a secret of each kind."""
    tools = {"desk": {"key_sha256": [hashlib.sha256(KEY.encode()).hexdigest()], "scopes": ["customers:act"]}}
    tools["support"] = TOOLS["support"]
    shops = shops_for(store.tokens)
    shops[SHOP]["backends"]["subscriptions"]["webhook_secrets"] = [RECHARGE_SECRET]
    shops[SHOP]["shopify_webhook_secrets"] = [SHOPIFY_SECRET]
    settings: dict[str, Any] = {
        "sessions": {"secret": session_secret},
        "shops": shops,
        "tools": tools,
        "tool_tokens": TOKENS,
        "shopify": {"app": APP},
        "audit": {"redis": True},
        "redis": {"url": redis_url},
        "metrics": {"port": 0, "token": metrics_token},
        "log": {"level": "DEBUG"},
        "server": {"port": 0, "drain_seconds": 0},
        "backends": {
            name: {"url": front.url, "timeout_seconds": 2, "fleet_token": FLEET_TOKEN, "bulk": "shop"}
            for name, front in fronts.items()
        },
        "throttle": {"session_capacity": 1_000_000},
        "overload": {"lag_seconds": 0},
    }
    for name in ("subscriptions", "bundles"):
        settings["backends"][name]["credential"] = "session"
    return settings


@pytest.fixture(scope="module")
async def world(store: Store, shopper: int, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A gateway as a process, at its most talkative, that has been asked everything by everybody."""
    world = World()
    session_secret, metrics_token = secrets.token_hex(20), secrets.token_hex(20)
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(running_redis())
        fronts = {name: await stack.enter_async_context(Front(name, url).open()) for name, url in store.urls.items()}
        settings = settings_of(store, fronts, redis.url, session_secret, metrics_token)
        environment = {f"GATEWAY_{name.upper()}": json.dumps(value) for name, value in settings.items()}
        file = tmp_path_factory.mktemp("canaries") / "gateway.toml"
        keep(file, "all")
        process = await stack.enter_async_context(command("serve", "--settings", str(file), environment=environment))
        lines: list[str] = []
        metrics_url = (await line_with(process.stderr, "Metrics are at")).rpartition(" ")[2]
        url = (await line_with(process.stderr, "listens on")).rpartition(" ")[2].removesuffix("/graphql")
        reading = asyncio.get_running_loop().create_task(read(process.stderr, lines))
        session = await stack.enter_async_context(
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout(30))
        )
        client = Client(world, url, session)
        tokens = signed_tokens(settings_for(store.urls, store.tokens, 5, sessions={"secret": session_secret}))
        world.secrets |= {session_secret, metrics_token, SECRET, KEY, FLEET_TOKEN, RECHARGE_SECRET, SHOPIFY_SECRET}
        world.secrets |= {APP["secret"], *APP["retired_secrets"]}  # type: ignore[arg-type]  # texts
        world.secrets |= {token for own in store.tokens.values() for token in own.values()}
        world.personal |= {PERSON, STREET}

        rows = (await store.get("subscriptions", "/customers?limit=250"))["customers"]
        others = [row["id"] for row in rows if row["id"] != shopper and row["subscriptions_active_count"]]
        people = [shopper, *others[:2]]
        bearers = {}
        for customer in people:
            record = (await store.get("subscriptions", f"/customers/{customer}"))["customer"]
            world.people[f"shopper {customer}"] = record["email"]
            world.personal |= {record["email"], *filter(None, [record.get("phone")])}
            bearers[customer] = tokens.mint(SHOP, customer, lifetime_seconds=600)
        world.secrets |= set(bearers.values())

        await reads(client, bearers)
        await writes(client, store, shopper, bearers[shopper], fronts)
        await nonsense(client, bearers[shopper])
        await sessions_of(client, store, people[2], bearers)
        await events(client)
        await keeping_nothing(file, process, lines)
        await failures(client, bearers, fronts)
        await asyncio.sleep(0.3)

        async with session.get(metrics_url, headers={"Authorization": f"Bearer {metrics_token}"}) as response:
            assert response.status == 200
            world.metrics = await response.text()
        await look_at(redis, world)
        # What the gateway has opened at the backends for its shoppers, too.
        world.secrets |= {
            value
            for front in fronts.values()
            for headers in front.headers
            for name, value in headers.items()
            if name == "x-recharge-access-token"
        }
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 15)
        await reading
        world.log = "".join(lines)
        yield world


def keep(file: Path, what: str) -> None:
    """Which answers the gateway keeps."""
    file.write_text(f'[cache]\nkeep = "{what}"', encoding="utf-8")


async def keeping_nothing(file: Path, process: asyncio.subprocess.Process, lines: list[str]) -> None:
    """From now on every question reaches a backend."""
    keep(file, "nothing")
    process.send_signal(signal.SIGHUP)
    async with asyncio.timeout(10):
        while not any("settings reloaded" in line for line in lines):  # noqa: ASYNC110  # a process tells nobody
            await asyncio.sleep(0.05)


async def read(stream: asyncio.StreamReader | None, lines: list[str]) -> None:
    """All that a process says."""
    assert stream is not None
    while line := await stream.readline():
        lines.append(line.decode())


async def reads(client: Client, bearers: Mapping[int, str]) -> None:
    """Every document of the widgets by everybody, twice, by POST and GET, on behalf, and with an id."""
    documents = {
        "CustomerPortal": {},
        "LoyaltyPanel": {},
        "ProductSubscriptionWidget": {"productId": PRODUCT},
        "BundleBuilder": {"productId": PRODUCT},
        "SubscriptionDetail": {"id": "1"},
    }
    for _ in range(2):
        for customer, token in bearers.items():
            for name, variables in documents.items():
                await client.send(
                    f"shopper {customer}",
                    "POST",
                    "/graphql",
                    body={"query": document(name), "variables": variables},
                    headers={"Authorization": f"Bearer {token}", "X-Explain": "1", "X-Cost": "1"},
                )
        for name, variables in documents.items():
            path = f"/graphql?shop={SHOP}&query={quote(document(name))}&variables={quote(json.dumps(variables))}"
            await client.send("visitor", "GET", f"{path}&token={SECRET}&email={quote(PERSON)}")
    on_behalf = {"Authorization": f"Bearer {KEY}", "X-On-Behalf-Of": str(next(iter(bearers))), "X-Reason": PERSON}
    query = {"query": document("LoyaltyPanel")}
    await client.send(f"shopper {next(iter(bearers))}", "POST", f"/graphql?shop={SHOP}", body=query, headers=on_behalf)
    bearer = tool_token(scope="customers:read explain")
    client.world.secrets.add(bearer)
    for address in (PERSON, f"{PERSON} {PERSON}"):
        found = {"query": BY_EMAIL, "variables": {"email": address}}
        headers = {"Authorization": f"Bearer {bearer}", "X-Explain": "1"}
        assert "customerByEmail" in await client.send("tool", "POST", "/graphql", body=found, headers=headers)
    digest = hashlib.sha256(b"{ shop { domain } }").hexdigest()
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    for body in ({"extensions": persisted}, {"query": "{ shop { domain } }", "extensions": persisted}):
        await client.send("visitor", "POST", f"/graphql?shop={SHOP}", body=body)


CANCEL = """mutation ($id: ID!, $why: SubscriptionCancelInput!, $key: String) {
  subscriptionCancel(subscriptionId: $id, input: $why, idempotencyKey: $key) {
    subscription { id }
    userErrors { message }
  }
}"""


async def writes(client: Client, store: Store, shopper: int, token: str, fronts: Mapping[str, Front]) -> None:
    """Mutations with personal data in their variables: done, refused, broken, and without a word of what became."""
    rows = await store.get("subscriptions", f"/subscriptions?customer_id={shopper}&status=active")
    subscription = rows["subscriptions"][0]["id"]
    mutations = [
        (CANCEL, {"id": subscription, "why": {"reason": "too much", "comments": f"{STREET}, {PERSON}"}}),
        ("mutation ($id: ID!) { subscriptionActivate(subscriptionId: $id) { subscription { id } } }", {"id": PERSON}),
        (
            "mutation ($id: ID!) { subscriptionActivate(subscriptionId: $id) { subscription { id } } }",
            {"id": subscription},
        ),
        ("mutation ($id: Int!) { nothing(id: $id) }", {"id": PERSON}),
    ]

    async def reset_writes(request: Request) -> Response | None:
        return await resetting(request) if request.method != "GET" else None

    async def refuse(request: Request) -> Response | None:
        body = json.dumps({"errors": {"email": [PERSON]}})
        return Response(body, 422, media_type="application/json") if request.method != "GET" else None

    for number, before in enumerate((None, reset_writes, refuse)):
        fronts["subscriptions"].before = before
        for query, variables in mutations:
            if query is CANCEL:
                variables["key"] = f"{SECRET}{number}"
            await client.send(
                f"shopper {shopper}",
                "POST",
                "/graphql",
                body={"query": query, "variables": variables},
                headers={"Authorization": f"Bearer {token}"},
            )
    fronts["subscriptions"].before = None


async def nonsense(client: Client, token: str) -> None:
    """Bodies, headers and addresses that are wrong, each with something that must not be repeated to others."""
    forged = token[:-4] + "AAAA"
    shop = f"/graphql?shop={SHOP}"
    bodies: list[bytes] = [
        f'{{"query": "{{ shop {{ domain }} }}", "variables": {{"email": "{PERSON}"'.encode(),
        json.dumps({"query": f'{{ shop(email: "{PERSON}") {{ domain }} }}'}).encode(),
        json.dumps(
            {"query": "query ($id: Int!) { products(first: $id) { id } }", "variables": {"id": PERSON}}
        ).encode(),
        json.dumps({"query": "{ a", "operationName": PERSON}).encode(),
        json.dumps({"query": 1, "token": SECRET}).encode(),
        json.dumps({"query": f'{{ node(id: "{PERSON}") {{ id }} }}'}).encode(),
        json.dumps({"documentId": SECRET}).encode(),
        json.dumps({"query": f'query ($a: ID = "{PERSON}") {{ node(id: $a) {{ id }} }}'}).encode(),
        f"{PERSON}{SECRET}".encode() * 3_000,
        b"\xff" + PERSON.encode(),
    ]
    for body in bodies:
        await client.send("visitor", "POST", shop, body=body)
        await client.send("visitor", "POST", shop, body=body, headers={"Authorization": f"Bearer {forged}"})
    for headers in (
        {"Authorization": f"Bearer {SECRET}"},
        {"Authorization": f"Basic {SECRET}"},
        {"Authorization": f"Bearer sgk_{SECRET}"},
        {"Content-Type": f"text/{SECRET}"},
        {"Accept": f"text/{SECRET}"},
        {"X-Request-Id": PERSON},
        {"X-Timeout-Ms": SECRET},
        {"X-Large": SECRET * 2_000},
        {"Origin": f"https://{SECRET}.example"},
        {"X-Recharge-Access-Token": SECRET, "X-Recharge-Customer-Id": PERSON},
        {"X-Forwarded-For": PERSON, "Shopify-Storefront-Buyer-IP": SECRET},
    ):
        await client.send("visitor", "POST", shop, body={"query": "{ shop { domain } }"}, headers=headers)
        await client.send("visitor", "POST", f"/session?shop={SHOP}", headers=headers)
    for path in (f"/{SECRET}?email={PERSON}", f"/graphql?shop={PERSON}", f"/session?token={SECRET}", "/proxy/graphql"):
        await client.send("visitor", "GET", path)
        await client.send("visitor", "POST", path, body={"query": "{ shop { domain } }"})


async def sessions_of(client: Client, store: Store, customer: int, bearers: dict[int, str]) -> None:
    """Sessions that begin and end, by each kind of proof."""
    shown = await logged_in(store, customer)
    record = (await store.get("subscriptions", f"/customers/{customer}"))["customer"]
    client.world.secrets.add(shown)
    proof = {"X-Recharge-Access-Token": shown, "X-Recharge-Customer-Id": str(customer)}
    who = f"shopper {customer}"
    begun = json.loads(await client.send("begins", "POST", f"/session?shop={SHOP}", headers=proof))
    query = "&".join(
        f"{name}={quote(value)}" for name, value in signed(proxied(record["external_customer_id"]["ecommerce"]))
    )
    client.world.secrets.add(query.rpartition("=")[2])
    through = json.loads(await client.send("begins", "POST", f"/proxy/session?{query}"))
    await client.send(who, "POST", f"/proxy/graphql?{query}", body={"query": "{ customer { email } }"})
    client.world.secrets |= {begun["token"], through["token"]}
    own = {"Authorization": f"Bearer {begun['token']}"}
    await client.send(who, "POST", "/graphql", body={"query": "{ customer { email } }"}, headers=own)
    await client.send(who, "DELETE", "/session?everywhere=true", headers=own)
    await client.send(who, "POST", "/graphql", body={"query": "{ customer { email } }"}, headers=own)
    bearers[customer] = begun["token"]


async def events(client: Client) -> None:
    """Webhooks about somebody: genuine, forged, of another shape, and of no known topic or shop."""
    customer = {"customer": {"id": 1, "email": PERSON, "billing_address1": STREET, "updated_at": "2026-03-09T10:00:00"}}
    bodies = [encoded(customer), encoded({"customer": {"id": PERSON}}), PERSON.encode()]
    for body in bodies:
        for secret in (RECHARGE_SECRET, SECRET):
            headers = recharge(body, secret=secret)
            client.world.secrets |= set(re.findall("[0-9a-f]{64}", str(headers)))
            for topic in ("customer/updated", f"{SECRET}/updated"):
                await client.send("recharge", "POST", f"/webhooks/recharge/{SHOP}/{topic}", body=body, headers=headers)
            await client.send("recharge", "POST", f"/webhooks/recharge/{SECRET}/a/b", body=body, headers=headers)
        for secret in (SHOPIFY_SECRET, SECRET):
            for topic in ("products/update", "customers/update"):
                headers = shopify(body, shop=SHOP, topic=topic, secret=secret)
                await client.send("shopify", "POST", "/webhooks/shopify", body=body, headers=headers)


def of_nonsense(value: Any) -> Any:
    """An answer in which every text is somebody's address."""
    if isinstance(value, dict):
        return {name: of_nonsense(each) for name, each in value.items()}
    if isinstance(value, list):
        return [of_nonsense(each) for each in value]
    return PERSON if isinstance(value, str) else value


async def all_texts(_request: Request, true: bytes) -> Response:
    """Every text in the true answer is another one."""
    return Response(json.dumps(of_nonsense(json.loads(true or b"null"))), media_type="application/json")


async def hanging_a_while(_request: Request, true: bytes) -> Response:
    """Later than anybody waits."""
    await asyncio.sleep(1)
    return Response(true, media_type="application/json")


async def with_headers(_request: Request, true: bytes) -> Response:
    """A cookie for everybody, and whatever else a backend may say beside its answer."""
    said = {"Set-Cookie": f"session={SECRET}", "X-Debug": PERSON, "ETag": SECRET, "Server": SECRET}
    return Response(true, media_type="application/json", headers=said)


FAULTS: tuple[Fault, ...] = (
    answering(json.dumps({"errors": f"{PERSON} {SECRET}"}), 400),
    answering(f"{PERSON} {SECRET}"),
    answering("{}", 200, f"text/{SECRET}"),
    truncated,
    all_texts,
    with_headers,
    hanging_a_while,
    # Those that open breakers come last, or the others would never be asked for.
    answering(json.dumps({"error": f"{PERSON} {SECRET}"}), 500),
    answering(f"<html>{PERSON} {SECRET}</html>", 502, "text/html"),
    resetting,
)


async def failures(client: Client, bearers: Mapping[int, str], fronts: Mapping[str, Front]) -> None:
    """Each backend fails in each way while everything of a shopper's is asked for."""
    (customer, token), *_ = bearers.items()
    for fault in FAULTS:
        # Enough for the second round of calls on a busy machine; but nobody waits so long for a backend that hangs.
        given = "700" if fault is hanging_a_while else "5000"
        for service, front in fronts.items():
            front.fault = fault
            asked = len(front.calls)
            for name in ("CustomerPortal", "LoyaltyPanel", "ProductSubscriptionWidget", "BundleBuilder"):
                variables = {"productId": PRODUCT} if name in {"ProductSubscriptionWidget", "BundleBuilder"} else {}
                await client.send(
                    f"shopper {customer}",
                    "POST",
                    "/graphql",
                    body={"query": document(name), "variables": variables},
                    headers={"Authorization": f"Bearer {token}", "X-Timeout-Ms": given},
                )
            front.fault = None
            # Faults of the last kind follow each other so closely that a breaker may be open by then: its own, or that
            # of the subscriptions, by which one comes to the others.
            is_open = fault in FAULTS[-3:] and await has_open_breaker(client)
            assert len(front.calls) > asked or is_open, f"{service} was not asked with {fault}"


async def has_open_breaker(client: Client) -> bool:
    """Whether any backend's is."""
    async with client.session.get(f"{client.url}/readyz") as response:
        return set((await response.json())["backends"].values()) != {"closed"}


async def look_at(redis: RedisServer, world: World) -> None:
    """All names and values in Redis."""
    values = []
    async with Redis.from_url(redis.url, decode_responses=True, encoding_errors="replace") as store:
        world.keys = [str(key) async for key in store.scan_iter()]
        for key in world.keys:
            read: Any = {
                "string": store.get,
                "hash": store.hgetall,
                "set": store.smembers,
                "list": lambda name: store.lrange(name, 0, -1),
                "zset": lambda name: store.zrange(name, 0, -1),
                "stream": store.xrange,
            }[str(await store.type(key))]
            values.append(f"{key} {await read(key)}")
    world.values = "\n".join(values)


def found(text: str, canaries: set[str]) -> set[str]:
    """Those that are in a text, as they are or as a URL or JSON writes them."""
    return {each for each in canaries if each in text or quote(each) in text or quote(each, safe="") in text}


async def test_the_run_was_one(world: World) -> None:
    """Shoppers got what is theirs, things failed, and there is something to look at everywhere."""
    statuses = {status for _, status, _ in world.answers}
    assert statuses >= {200, 204, 400, 401, 404, 413, 431}
    for who, address in world.people.items():
        assert any(address in text for asker, _, text in world.answers if asker == who)
    assert {"BACKEND_UNAVAILABLE", "BACKEND_TIMEOUT", "OUTCOME_UNKNOWN"} <= set(
        re.findall("[A-Z_]{10,}", str(world.answers))
    )
    assert '"event": "answered"' in world.log
    assert "backend call failed" in world.log
    assert "gateway_webhooks_total" in world.metrics
    assert len(world.keys) > 5


def test_what_an_exception_says_is_left_out() -> None:
    """Its kind, where it came from, and what was behind it are in the log; its words may be anything."""
    try:
        try:
            int(PERSON)
        except ValueError as error:
            raise LookupError(SECRET) from error
    except LookupError as error:
        text = traceback_of((type(error), error, error.__traceback__))
    assert found(text, {PERSON, SECRET}) == set()
    assert re.findall(r"^builtins\.\w+$", text, re.MULTILINE) == ["builtins.ValueError", "builtins.LookupError"]
    assert "int(PERSON)" in text


async def test_logs_have_nothing_of_it(world: World) -> None:
    """At the level that says most."""
    assert found(world.log, world.secrets | world.personal) == set()


async def test_metrics_have_nothing_of_it(world: World) -> None:
    """Neither in labels nor anywhere else."""
    assert found(world.metrics, world.secrets | world.personal) == set()


async def test_redis_has_nothing_of_it(world: World) -> None:
    """No name of a key says whose it is, and no value has a secret.

    Two kinds of values are somebody's: why a tool acted, and what came of a mutation that may be sent again.
    """
    assert found("\n".join(world.keys), world.secrets | world.personal) == set()
    assert found(world.values, world.secrets) == set()
    others = "\n".join(
        line for line in world.values.splitlines() if not line.startswith(("storefront:audit ", "once:"))
    )
    assert found(others, world.personal) == set()


async def test_nobody_reads_what_is_another_persons(world: World) -> None:
    """Not the address of one shopper in another's answer, nor a visitor's."""
    people = world.people
    leaks = [
        (who, owner)
        for who, _, text in world.answers
        for owner, address in people.items()
        if owner != who and address in text
    ]
    assert leaks == []


async def test_no_secret_is_in_any_answer(world: World) -> None:
    """Except the token in the answer of who begins a session, and what a client is told of his own words."""
    leaks = [
        (who, status, canary, text)
        for who, status, text in world.answers
        if who != "begins"
        for canary in found(text, world.secrets)
    ]
    assert leaks == []
