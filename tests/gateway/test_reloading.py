"""Settings change while requests are in flight: none is dropped, and none sees half of two."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from starlette.requests import Request

from gateway.app import create_app
from gateway.identity import signed_tokens
from gateway.settings import Settings
from tests.conftest import OTHER_SHOP, SHOP, Gateway, Store, settings_for, shops_for
from tests.documents import document
from tests.fronts import Front
from tests.processes import START_SECONDS, command, line_with, terminated
from tests.running import running

LABEL = "{ shop { domain } loyaltyProgram { pointsLabel { one } } }"
LABELS = {
    shop: {"data": {"shop": {"domain": shop}, "loyaltyProgram": {"pointsLabel": {"one": one}}}}
    for shop, one in ((SHOP, "Bean"), (OTHER_SHOP, "Glow point"))
}
UNKNOWN = "There is no such shop here: `?shop=` takes its domain, such as name.myshopify.com."
CONNECTIONS = 6
ANSWERS_BETWEEN = 60
"""So many answers come between one reload and the next."""


@dataclass
class Held:
    """A fault that holds the answer back."""

    came: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, _request: Request, _true: bytes) -> None:
        """Say that a call came, and wait."""
        self.came.set()
        await self.go.wait()


@dataclass
class Reloads:
    """Settings for a gateway in this process, as `serve` has them from SIGHUP."""

    _given: asyncio.Queue[Settings] = field(default_factory=asyncio.Queue)

    async def settings(self) -> AsyncIterator[Settings]:
        """What is given."""
        while True:
            yield await self._given.get()
            self._given.task_done()

    async def give(self, settings: Settings) -> None:
        """Give settings, and wait until they are in use."""
        self._given.put_nowait(settings)
        await self._given.join()


@asynccontextmanager
async def fronts_of(store: Store) -> AsyncIterator[dict[str, Front]]:
    """A proxy before each backend."""
    async with (
        Front("subscriptions", store.urls["subscriptions"]).open() as subscriptions,
        Front("bundles", store.urls["bundles"]).open() as bundles,
        Front("loyalty", store.urls["loyalty"]).open() as loyalty,
    ):
        yield {"subscriptions": subscriptions, "bundles": bundles, "loyalty": loyalty}


def settings_before(fronts: Mapping[str, Front], store: Store, **changes: Any) -> Settings:
    """The settings of a gateway in front of proxies."""
    return settings_for({name: front.url for name, front in fronts.items()}, store.tokens, 5.0, **changes)


async def test_a_request_in_flight_keeps_what_it_began_with(store: Store, shopper: int) -> None:
    """Its calls go on to the addresses of before, its shop may be gone: the answer is whole. The next one is new."""
    reloads, held = Reloads(), Held()
    async with fronts_of(store) as old, fronts_of(store) as new:
        before = settings_before(old, store)
        async with running(create_app(before, reloads=reloads.settings())) as url:
            gateway = Gateway(url, store.client, signed_tokens(before), old)
            whole = await gateway.ask(document("CustomerPortal"), customer=shopper)
            calls = gateway.calls
            # The second of three rounds is held: one is before the reload, one after.
            old["bundles"].fault = held
            slow = asyncio.create_task(gateway.ask(document("CustomerPortal"), customer=shopper))
            await held.came.wait()
            others = {OTHER_SHOP: shops_for(store.tokens)[OTHER_SHOP]}
            await reloads.give(settings_before(new, store, shops=others, sessions={"secret": "t" * 40}))
            refused = await gateway.ask(document("CustomerPortal"), customer=shopper)
            assert (refused.status, refused.errors[0]["extensions"]) == (401, {"code": "UNAUTHENTICATED"})
            held.go.set()
            assert (await slow).data == whole.data
            assert (len(whole.data["customer"]["subscriptions"]["nodes"]), len(calls)) == (20, 10)
            assert gateway.calls == sorted([*calls, *calls])
            assert [front.calls for front in new.values()] == [[], [], []]

            assert (await gateway.ask(LABEL, shop=OTHER_SHOP)).body == LABELS[OTHER_SHOP]
            assert new["loyalty"].calls == ["/v1/points_settings"]
            assert len(gateway.calls) == 20


async def test_limits_change_for_documents_that_are_kept(store: Store) -> None:
    """A document that was read under a wider limit is read again under a narrower one."""
    reloads = Reloads()
    async with fronts_of(store) as fronts:
        settings = settings_before(fronts, store)
        async with running(create_app(settings, reloads=reloads.settings())) as url:
            gateway = Gateway(url, store.client, signed_tokens(settings), fronts)
            assert (await gateway.ask(LABEL)).body == LABELS[SHOP]
            await reloads.give(settings_before(fronts, store, limits={"document_tokens": 5}))
            assert [error["extensions"]["limit"] for error in (await gateway.ask(LABEL)).errors] == ["tokens"]
            await reloads.give(settings)
            assert (await gateway.ask(LABEL)).body == LABELS[SHOP]


async def test_logouts_outlive_a_reload(store: Store, shopper: int) -> None:
    """Without a store that processes share, too: a session that is over does not come back with new settings."""
    reloads = Reloads()
    settings = settings_for(store.urls, store.tokens, 1)
    async with running(create_app(settings, reloads=reloads.settings())) as url:
        gateway = Gateway(url, store.client, signed_tokens(settings), {})
        over = {"Authorization": f"Bearer {gateway.token(shopper)}"}
        async with gateway.client.delete(f"{url}/session", headers=over) as response:
            assert response.status == 204
        await reloads.give(settings)
        assert (await gateway.ask("{ customer { id } }", headers=over)).status == 401
        assert (await gateway.ask("{ customer { id } }", customer=shopper)).status == 200


async def test_documents_and_plans_outlive_a_reload(store: Store) -> None:
    """Unless their own limits change: a thousand parsed documents are not thrown away for a new shop."""
    reloads = Reloads()
    settings = settings_for(store.urls, store.tokens, 1)
    app = create_app(settings, reloads=reloads.settings())
    async with app.router.lifespan_context(app) as state:
        assert state is not None
        endpoints = state["endpoints"]

        async def kept() -> object:
            with endpoints.current() as current:
                return current.graphql.documents.operations

        first = await kept()
        await reloads.give(settings_for(store.urls, store.tokens, 2, operations={"deadline_seconds": 5}))
        second = await kept()
        assert second is first
        await reloads.give(settings_for(store.urls, store.tokens, 1, limits={"documents_kept": 5}))
        third = await kept()
        assert third is not first


@dataclass
class Serving:
    """A `serve` process with its settings file."""

    process: asyncio.subprocess.Process
    endpoint: str
    file: Path
    store: Store
    said: list[str] = field(default_factory=list)
    """What it has logged, as far as anybody waited for it."""

    async def says(self, text: str) -> str:
        """Wait for a line of its log."""
        assert self.process.stderr is not None
        async with asyncio.timeout(START_SECONDS):
            while line := (await self.process.stderr.readline()).decode():
                self.said.append(line)
                if text in line:
                    return line
        raise AssertionError(f"the log ended without {text!r}")

    async def terminated(self) -> tuple[int, str]:
        """The status after SIGTERM, and all that was logged."""
        status, _, errors = await terminated(self.process)
        return status, "".join(self.said) + errors

    def write(self, shops: Mapping[str, Any], *, extra: str = "", urls: Mapping[str, str] | None = None) -> None:
        """Write the settings file anew."""
        write(self.file, urls or self.store.urls, shops, extra)

    async def reload(self) -> None:
        """Send the signal, and wait until the settings are in use."""
        self.process.send_signal(signal.SIGHUP)
        await self.says('"settings reloaded"')

    async def ask(self, client: aiohttp.ClientSession, shop: str) -> tuple[int, Any]:
        """What a visitor of a shop gets."""
        async with client.post(self.endpoint, params={"shop": shop}, json={"query": LABEL}) as response:
            return response.status, await response.json()

    def descriptors(self) -> int:
        """How many files and sockets are open."""
        return sum(1 for _ in Path(f"/proc/{self.process.pid}/fd").iterdir())


def write(file: Path, urls: Mapping[str, str], shops: Mapping[str, Any], extra: str) -> None:
    """Write a settings file; a JSON string is a TOML string."""
    lines = [extra, "[sessions]", f'secret = "{"s" * 40}"']
    for name, url in urls.items():
        lines += [f"[backends.{name}]", f"url = {json.dumps(url)}"]
    for domain, shop in shops.items():
        lines += [f"[shops.{json.dumps(domain)}]", f"id = {shop['id']}", f'currency_code = "{shop["currency_code"]}"']
        for name, own in shop["backends"].items():
            lines += [f"[shops.{json.dumps(domain)}.backends.{name}]"]
            lines += [f"{key} = {json.dumps(value)}" for key, value in own.items()]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


@asynccontextmanager
async def serving(
    store: Store, file: Path, *, extra: str = "", urls: Mapping[str, str] | None = None
) -> AsyncIterator[Serving]:
    """`serve` with the first shop alone."""
    write(file, urls or store.urls, only_first(store), extra)
    # Whether a backend is asked by the settings of now shows only where nothing is kept of what was asked before.
    environment = {"GATEWAY_SERVER__PORT": "0", "GATEWAY_CACHE__KEEP": "nothing"}
    async with command("serve", "--settings", str(file), environment=environment) as process:
        endpoint = (await line_with(process.stderr, "listens on")).rpartition(" ")[2]
        yield Serving(process, endpoint, file, store)


def only_first(store: Store) -> dict[str, Any]:
    """The first shop alone."""
    return {SHOP: shops_for(store.tokens)[SHOP]}


@dataclass
class Load:
    """Visitors of the first shop who ask without a pause, each on a connection that is kept."""

    serving: Serving
    answers: list[tuple[int, Any]] = field(default_factory=list)
    is_over: bool = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """For as long as the block runs."""
        async with asyncio.TaskGroup() as visitors:
            for _ in range(CONNECTIONS):
                visitors.create_task(self._visitor())
            try:
                yield
            finally:
                self.is_over = True

    async def _visitor(self) -> None:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as client:
            while not self.is_over:
                self.answers.append(await self.serving.ask(client, SHOP))

    async def goes_on(self) -> None:
        """Wait for some more answers."""
        enough = len(self.answers) + ANSWERS_BETWEEN
        while len(self.answers) < enough and not self.is_over:  # noqa: ASYNC110  # a list, and no event
            await asyncio.sleep(0.01)


async def test_shops_come_and_go_under_load(store: Store, tmp_path: Path) -> None:
    """Five reloads while six visitors ask without a pause: every answer of theirs is whole."""
    unknown = (401, {"errors": [{"message": UNKNOWN, "extensions": {"code": "UNAUTHENTICATED"}}]})
    async with (
        Front("loyalty", store.urls["loyalty"]).open() as own,
        serving(store, tmp_path / "gateway.toml") as served,
        aiohttp.ClientSession() as client,
    ):
        load = Load(served)
        async with load.running():
            await load.goes_on()
            assert await served.ask(client, OTHER_SHOP) == unknown

            shops = shops_for(store.tokens)
            served.write(shops)
            await served.reload()
            assert await served.ask(client, OTHER_SHOP) == (200, LABELS[OTHER_SHOP])
            await load.goes_on()

            shops[OTHER_SHOP]["backends"]["loyalty"]["token"] = "another"
            served.write(shops)
            await served.reload()
            _, refused = await served.ask(client, OTHER_SHOP)
            assert [error["extensions"]["code"] for error in refused["errors"]] == ["BACKEND_UNAVAILABLE"]
            await load.goes_on()

            served.write(only_first(store))
            await served.reload()
            assert await served.ask(client, OTHER_SHOP) == unknown
            await load.goes_on()

            shops = shops_for(store.tokens)
            shops[OTHER_SHOP]["backends"]["loyalty"]["url"] = own.url
            served.write(shops)
            await served.reload()
            assert await served.ask(client, OTHER_SHOP) == (200, LABELS[OTHER_SHOP])
            await load.goes_on()

            served.write(only_first(store))
            await served.reload()
            assert await served.ask(client, OTHER_SHOP) == unknown
            await load.goes_on()
        status, log = await served.terminated()
    assert own.calls == ["/v1/points_settings"]
    assert len(load.answers) >= 6 * ANSWERS_BETWEEN
    assert [answer for answer in load.answers if answer != (200, LABELS[SHOP])] == []
    assert (status, "Traceback" in log) == (0, False)


async def test_wrong_settings_are_refused_and_the_old_ones_stay(store: Store, tmp_path: Path) -> None:
    """One line, with the message of a start; right ones are taken after that, the log's level among them."""
    async with serving(store, tmp_path / "gateway.toml") as served, aiohttp.ClientSession() as client:
        shops = shops_for(store.tokens)
        right = shops[OTHER_SHOP]["backends"].pop("loyalty")
        served.write(shops)
        served.process.send_signal(signal.SIGHUP)
        line = json.loads(await served.says('"error"'))
        assert line.pop("timestamp")
        assert line == {
            "event": "settings refused, the old ones stay",
            "level": "error",
            "reason": (
                f"shops.{OTHER_SHOP}.backends.loyalty is missing:"
                " a shop needs a token for each of bundles, loyalty, subscriptions."
            ),
        }
        assert await served.ask(client, SHOP) == (200, LABELS[SHOP])
        assert (await served.ask(client, OTHER_SHOP))[0] == 401

        served.file.unlink()
        served.process.send_signal(signal.SIGHUP)
        line = json.loads(await served.says('"error"'))
        assert line["reason"] == f"There is no settings file {served.file}. Check --settings or GATEWAY_SETTINGS_FILE."
        assert await served.ask(client, SHOP) == (200, LABELS[SHOP])

        shops[OTHER_SHOP]["backends"]["loyalty"] = right
        served.write(shops, extra=f'tools.desk = {{key_sha256 = ["{"0" * 64}"], shops = ["nobody.example"]}}')
        served.process.send_signal(signal.SIGHUP)
        line = json.loads(await served.says('"error"'))
        assert line["reason"] == "tools.desk.shops: there is no shop nobody.example."

        served.write(shops, extra='log.level = "DEBUG"')
        await served.reload()
        assert await served.ask(client, OTHER_SHOP) == (200, LABELS[OTHER_SHOP])
        assert json.loads(await served.says('"answered"'))["level"] == "debug"
        status, log = await served.terminated()
    assert (status, log.count('"level": "error"')) == (0, 3)


async def test_shutdown_waits_for_requests_that_began_before_a_reload(store: Store, tmp_path: Path) -> None:
    """The slow answer comes though its settings were replaced and the process was told to stop."""
    held = Held()
    async with (
        Front("loyalty", store.urls["loyalty"], fault=held).open() as front,
        serving(store, tmp_path / "gateway.toml", urls={**store.urls, "loyalty": front.url}) as served,
        aiohttp.ClientSession() as client,
    ):
        slow = asyncio.create_task(served.ask(client, SHOP))
        await held.came.wait()
        served.write(only_first(store))
        await served.reload()
        assert await served.ask(client, SHOP) == (200, LABELS[SHOP])
        served.process.send_signal(signal.SIGTERM)
        await served.says("Waiting for")
        assert not slow.done()
        held.go.set()
        assert await slow == (200, LABELS[SHOP])
        _, log = await served.process.communicate()
    assert front.calls == ["/v1/points_settings"]
    assert (served.process.returncode, b"Traceback" in log) == (0, False)


async def test_how_long_shutdown_waits_can_be_reloaded(store: Store, tmp_path: Path) -> None:
    """A request that nobody will answer is cut after the seconds of now, not after those of the start."""
    held = Held()
    async with (
        Front("loyalty", store.urls["loyalty"], fault=held).open() as front,
        serving(
            store,
            tmp_path / "gateway.toml",
            extra="server.shutdown_seconds = 120\noperations.deadline_seconds = 60\nidempotency.lease_seconds = 90",
            urls={**store.urls, "loyalty": front.url},
        ) as served,
        aiohttp.ClientSession() as client,
    ):
        served.write(only_first(store), extra="server.shutdown_seconds = 1", urls=dict(store.urls))
        slow = asyncio.create_task(served.ask(client, SHOP))
        await held.came.wait()
        await served.reload()
        status, log = await served.terminated()
        assert "graceful shutdown exceeded" in log
        assert status == 0
        with pytest.raises(aiohttp.ClientError):
            await slow
        held.go.set()


async def test_nothing_is_left_of_replaced_settings(store: Store, tmp_path: Path) -> None:
    """After twenty reloads as many files and sockets are open as after one."""
    async with serving(store, tmp_path / "gateway.toml") as served, aiohttp.ClientSession() as client:

        async def reloaded_and_used() -> None:
            await served.reload()
            assert await served.ask(client, SHOP) == (200, LABELS[SHOP])

        await reloaded_and_used()
        before = served.descriptors()
        for _ in range(20):
            await reloaded_and_used()
        async with asyncio.timeout(5):
            while served.descriptors() != before:  # noqa: ASYNC110  # nothing tells when a kernel has closed a socket
                await asyncio.sleep(0.02)
        status, log = await served.terminated()
    assert (status, "ResourceWarning" in log) == (0, False)


async def test_manifests_are_read_anew(store: Store, tmp_path: Path) -> None:
    """A new document runs after the signal; a manifest that cannot be used changes nothing and is named in the log."""
    manifest = tmp_path / "documents.json"
    manifest.write_text(json.dumps({"first": LABEL}), encoding="utf-8")
    known = f'[operations]\nmanifests = [{json.dumps(str(manifest))}]\nsafelist = "enforce"'
    async with serving(store, tmp_path / "gateway.toml", extra=known) as served, aiohttp.ClientSession() as client:

        async def status_of(wanted: str) -> int:
            body = {"documentId": wanted}
            async with client.post(served.endpoint, params={"shop": SHOP}, json=body) as response:
                return response.status

        assert [await status_of(name) for name in ("first", "second")] == [200, 404]
        second = LABEL.replace("domain", "id")
        manifest.write_text(json.dumps({"first": LABEL, "second": second}), encoding="utf-8")
        assert await status_of("second") == 404
        await served.reload()
        assert [await status_of(name) for name in ("first", "second")] == [200, 200]

        manifest.write_text(json.dumps({"second": LABEL, "third": "{ nowhere }"}), encoding="utf-8")
        served.process.send_signal(signal.SIGHUP)
        line = json.loads(await served.says('"error"'))
        assert line["event"] == "settings refused, the old ones stay"
        assert line["reason"] == "operations.manifests: third: Cannot query field 'nowhere' on type 'Query'."
        assert [await status_of(name) for name in ("first", "second", "third")] == [200, 200, 404]

        manifest.write_text(json.dumps({"second": second}), encoding="utf-8")
        await served.reload()
        assert [await status_of(name) for name in ("first", "second")] == [404, 200]
