"""Documents by id and by digest: trusted ones from manifests and pushes, registered ones, and a safelist."""

import hashlib
import json
import logging
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from gateway.edge.documents import Documents
from gateway.edge.manifests import document_id, manifest_in
from gateway.edge.operations import Operation
from gateway.edge.pushed import PushedDocuments
from gateway.edge.request import GraphQLRequest
from gateway.edge.trusted import TrustedDocuments
from gateway.execution import Executor
from gateway.execution.plan import Plan
from gateway.graph import check_manifests, graphs
from gateway.operation_settings import LimitSettings
from gateway.settings import SettingsError
from gateway.viewer import Viewer
from tests.conftest import OTHER_SHOP, SHOP, Answer, Gateway, Store, gateway_before, settings_for
from tests.documents import FOLDER, document

NAMES = sorted(path.stem for path in FOLDER.glob("*.graphql"))
DOMAIN = "query Domain { shop { domain } }"
DOMAIN_OF_SHOP = {"data": {"shop": {"domain": SHOP}}}


async def post(gateway: Gateway, shop: str = SHOP, token: str | None = None, **body: Any) -> Answer:
    """A POST of these parameters."""
    async with gateway.client.post(
        f"{gateway.url}/graphql",
        params={"shop": shop},
        json=body,
        headers={"Authorization": f"Bearer {token}"} if token else {},
    ) as response:
        return Answer(response.status, await response.json(), response.headers)


async def get(gateway: Gateway, **params: Any) -> Answer:
    """A GET of these parameters; what is no text is sent as JSON."""
    sent = {name: value if isinstance(value, str) else json.dumps(value) for name, value in params.items()}
    async with gateway.client.get(f"{gateway.url}/graphql", params={"shop": SHOP} | sent) as response:
        return Answer(response.status, await response.json(), response.headers)


def code(answer: Answer) -> str:
    """The code of the only error."""
    (error,) = answer.body["errors"]
    assert "data" not in answer.body
    return str(error["extensions"]["code"])


def persisted(text: str, version: int = 1) -> dict[str, Any]:
    """The extension that Apollo's and urql's clients send."""
    return {"persistedQuery": {"version": version, "sha256Hash": hashlib.sha256(text.encode()).hexdigest()}}


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """The widgets' documents, as graphql-codegen's client preset writes them."""
    file = tmp_path / "persisted-documents.json"
    texts = [document(name) for name in NAMES] + [DOMAIN]
    file.write_text(json.dumps({document_id(text): text for text in texts}), encoding="utf-8")
    return file


@pytest.fixture
async def trusting(store: Store, manifest: Path) -> AsyncIterator[Gateway]:
    """A gateway that knows the widgets' documents, and no others."""
    async with gateway_before(store, operations={"manifests": [manifest], "safelist": "enforce"}) as gateway:
        yield gateway


async def test_a_known_document_runs_by_its_id(trusting: Gateway, shopper: int) -> None:
    """By POST and by GET, with variables, for a shopper and for a visitor."""
    text = document("CustomerPortal")
    answer = await post(trusting, token=trusting.token(shopper), documentId=document_id(text))
    assert len(answer.data["customer"]["subscriptions"]["nodes"]) == 20
    assert (await get(trusting, documentId=document_id(DOMAIN))).body == DOMAIN_OF_SHOP
    assert (await get(trusting, documentId=document_id(DOMAIN), operationName="Domain")).body == DOMAIN_OF_SHOP


async def test_a_known_document_runs_word_for_word(trusting: Gateway) -> None:
    """Its text is as good as its id, and so is its digest, as Apollo's clients send it."""
    assert (await post(trusting, query=DOMAIN)).body == DOMAIN_OF_SHOP
    assert (await get(trusting, extensions=persisted(DOMAIN))).body == DOMAIN_OF_SHOP


@pytest.mark.parametrize("unknown", ["sha256:" + "0" * 64, "", "CustomerPortal", "../../etc/passwd", "x" * 1_000])
async def test_an_unknown_id(trusting: Gateway, unknown: str) -> None:
    """404, in JSON."""
    for answer in (await post(trusting, documentId=unknown), await get(trusting, documentId=unknown)):
        assert (answer.status, code(answer)) == (404, "PERSISTED_DOCUMENT_NOT_FOUND")


async def test_a_document_goes_by_one_name(trusting: Gateway) -> None:
    """Something on the way may read the other one."""
    answer = await post(trusting, documentId=document_id(DOMAIN), query="{ customer { id } }")
    assert (answer.status, code(answer)) == (400, "BAD_USER_INPUT")


async def test_others_are_refused_where_the_safelist_is_enforced(trusting: Gateway, shopper: int) -> None:
    """As texts and as digests; a session with the scope may send them."""
    strange = "{ shop { id } }"
    for refused in (
        await post(trusting, query=strange),
        await get(trusting, query=strange),
        await post(trusting, query=strange, extensions=persisted(strange)),
        await post(trusting, query="{ no such thing"),
    ):
        assert code(refused) == "PERSISTED_DOCUMENT_ID_REQUIRED"
    # A digest alone is not known, so the client sends its text with it, which is refused above.
    assert code(await get(trusting, extensions=persisted(strange))) == "PERSISTED_QUERY_NOT_FOUND"
    token = trusting.token(shopper, SHOP, "adhoc")
    assert "data" in (await post(trusting, token=token, query=strange)).body


async def test_strangers_are_reported_once_before_they_are_refused(
    store: Store, manifest: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """So that an operator sees what `enforce` would break."""
    async with gateway_before(store, operations={"manifests": [manifest], "safelist": "report"}) as gateway:
        with caplog.at_level(logging.WARNING):
            for _ in range(3):
                assert (await post(gateway, query=DOMAIN)).body == DOMAIN_OF_SHOP
                strange = "query Strange { shop { id } }"
                assert "data" in (await post(gateway, query=strange, operationName="Strange")).body
    (line,) = [record.getMessage() for record in caplog.records if "safelist" in record.getMessage()]
    assert document_id(strange) in line
    assert "'Strange'" in line


async def test_a_flood_of_documents_takes_no_place_of_known_ones(manifest: Path) -> None:
    """Two documents are kept beside them, and a hundred come: the known ones and their plans stay the same objects."""
    graph = graphs()(LimitSettings(documents_kept=2))
    executor, operations = Executor(graph.schema, passive_directives=["inContext"]), graph.operations
    trusted = TrustedDocuments(operations, executor.prepare)
    trusted.accept([manifest_in(manifest)])
    documents = Documents(operations, trusted, registered=None)
    visitor = Viewer(shop=SHOP)

    async def plans() -> list[tuple[Operation, object]]:
        ids = [document_id(document(name)) for name in NAMES]
        found = [await documents.find(GraphQLRequest(documentId=wanted), visitor) for wanted in ids]
        return [(operation, executor.prepare(operation.document, operation.name)) for operation in found]

    before = await plans()
    for number in range(100):
        await documents.find(GraphQLRequest(query=f"query Q{number} {{ shop {{ id }} }}"), visitor)
    for (operation, plan), (same, same_plan) in zip(before, await plans(), strict=True):
        assert operation is same
        assert plan is same_plan
        assert isinstance(plan, Plan)


def test_a_manifest_with_a_document_that_cannot_run(store: Store, tmp_path: Path) -> None:
    """None of it is taken, and every fault is named."""
    texts = {"a": "{ shop { domain } }", "b": "{ nowhere }", "c": "{ shop {", "d": "fragment F on Shop { id }"}
    (tmp_path / "m.json").write_text(json.dumps(texts), encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        check_manifests(settings_for(store.urls, store.tokens, 5.0, operations={"manifests": [tmp_path]}))
    message = str(refused.value)
    assert message.splitlines() == [
        "operations.manifests: b: Cannot query field 'nowhere' on type 'Query'.",
        "c: Syntax Error: Expected Name, found <EOF>.",
        "d: Fragment 'F' is never used.",
    ]


async def test_a_digest_is_registered_and_found(gateway: Gateway) -> None:
    """The way of Apollo's and urql's clients: the digest, then both, then the digest."""
    for ask in (post, get):
        text = f"query {ask.__name__.title()} {{ shop {{ domain }} }}"
        missing = await ask(gateway, extensions=persisted(text))
        assert (missing.status, code(missing)) == (200, "PERSISTED_QUERY_NOT_FOUND")
        assert missing.body["errors"][0]["message"] == "PersistedQueryNotFound"
        assert missing.headers["Cache-Control"] == "private, no-cache"
        assert (await ask(gateway, query=text, extensions=persisted(text))).body == DOMAIN_OF_SHOP
        assert (await ask(gateway, extensions=persisted(text))).body == DOMAIN_OF_SHOP
        # What one shop's pages registered is not there for another's.
        other = await post(gateway, OTHER_SHOP, extensions=persisted(text))
        assert code(other) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(
    "extensions",
    [
        persisted("{ shop { id } }"),
        persisted(DOMAIN, version=2),
        {"persistedQuery": {"version": 1, "sha256Hash": "A" * 64}},
        {"persistedQuery": {"version": 1, "sha256Hash": 1}},
        {"persistedQuery": {"sha256Hash": hashlib.sha256(DOMAIN.encode()).hexdigest()}},
        {"persistedQuery": {}},
        {"persistedQuery": "x"},
    ],
)
async def test_a_wrong_digest_registers_nothing(gateway: Gateway, extensions: dict[str, Any]) -> None:
    """Whoever could would decide what others run."""
    answer = await post(gateway, query=DOMAIN, extensions=extensions)
    assert (answer.status, code(answer)) == (400, "BAD_USER_INPUT")
    assert code(await post(gateway, extensions=persisted("{ shop { id } }"))) == "PERSISTED_QUERY_NOT_FOUND"


async def test_a_document_that_cannot_run_is_not_registered(gateway: Gateway) -> None:
    """It is refused each time."""
    text = "{ nowhere }"
    assert code(await post(gateway, query=text, extensions=persisted(text))) == "GRAPHQL_VALIDATION_FAILED"
    assert code(await post(gateway, extensions=persisted(text))) == "PERSISTED_QUERY_NOT_FOUND"


async def test_registering_may_be_turned_off(store: Store) -> None:
    """Clients then stop trying."""
    async with gateway_before(store, operations={"persisted_queries": False}) as gateway:
        for answer in (
            await post(gateway, extensions=persisted(DOMAIN)),
            await post(gateway, query=DOMAIN, extensions=persisted(DOMAIN)),
        ):
            assert (answer.status, code(answer)) == (200, "PERSISTED_QUERY_NOT_SUPPORTED")
            assert answer.body["errors"][0]["message"] == "PersistedQueryNotSupported"


async def test_processes_share_what_was_registered_and_pushed(store: Store, redis_url: str) -> None:
    """A digest that one process learned, another knows; a pushed document runs at once, everywhere."""
    changes: Mapping[str, Any] = {"redis": {"url": redis_url}}
    async with gateway_before(store, **changes) as one, gateway_before(store, **changes) as other:
        text = "query Shared { shop { domain } }"
        assert (await post(one, query=text, extensions=persisted(text))).body == DOMAIN_OF_SHOP
        assert (await get(other, extensions=persisted(text))).body == DOMAIN_OF_SHOP

        assert (await post(one, documentId="Domain")).status == 404
        async with Redis.from_url(redis_url) as redis:
            await PushedDocuments(redis).push({"Domain": DOMAIN, "Broken": "{ nowhere }"})
        for gateway in (one, other):
            assert (await post(gateway, documentId="Domain")).body == DOMAIN_OF_SHOP
            assert (await post(gateway, documentId=document_id(DOMAIN))).body == DOMAIN_OF_SHOP
            assert (await post(gateway, documentId="Broken")).status == 404


async def test_without_redis_documents_are_still_answered(store: Store) -> None:
    """A digest that is not known is asked for anew; nothing fails."""
    async with gateway_before(store, redis={"url": "redis://127.0.0.1:1/0"}) as gateway:
        assert code(await post(gateway, extensions=persisted(DOMAIN))) == "PERSISTED_QUERY_NOT_FOUND"
        assert (await post(gateway, query=DOMAIN, extensions=persisted(DOMAIN))).body == DOMAIN_OF_SHOP
        assert (await post(gateway, extensions=persisted(DOMAIN))).body == DOMAIN_OF_SHOP
        assert (await post(gateway, documentId="unknown")).status == 404
