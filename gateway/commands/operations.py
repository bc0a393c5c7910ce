"""`operations`: trusted documents, checked as a start checks them, pushed to all processes, withdrawn, and listed."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic_settings import BaseSettings, SettingsConfigDict
from redis.exceptions import RedisError

from gateway.commands import add_settings_option
from gateway.edge.manifests import InvalidManifest, document_id, files_of, manifest_in
from gateway.edge.operations import Operation
from gateway.edge.pushed import PushedDocuments
from gateway.edge.trusted import TrustedDocuments
from gateway.errors import BackendError, LimitExceeded
from gateway.execution import Executor
from gateway.execution.refusals import Fallback
from gateway.graph import graphs, no_documents
from gateway.loading import load_part
from gateway.operation_settings import LimitSettings, OperationSettings
from gateway.settings import Settings, SettingsError
from gateway.shared_store import connected_store
from gateway.store_settings import RedisSettings

if TYPE_CHECKING:
    from gateway.commands import Subparsers

TIMEOUT_SECONDS = 5.0
"""Nobody's request waits for this command."""
REFUSED = 1
"""The exit status when a document cannot be used; wrong settings are 2."""

T = TypeVar("T")
Check = Callable[[Iterable[Mapping[str, str]]], tuple[TrustedDocuments, Executor]]


class DocumentSettings(BaseSettings):
    """What decides about documents. Whoever builds widgets needs no other settings, secrets least of all."""

    model_config = SettingsConfigDict(**{**Settings.model_config, "extra": "ignore"})

    limits: LimitSettings = LimitSettings()
    operations: OperationSettings = OperationSettings()
    redis: RedisSettings = RedisSettings()


def add_to(subparsers: "Subparsers") -> None:
    """Declare the command."""
    parser = subparsers.add_parser("operations", help="check, push, withdraw or list trusted documents")
    actions = parser.add_subparsers(title="what to do", required=True, metavar="ACTION")
    for name, action, what in (
        ("check", _check, "parse, validate, cost and compile the documents of manifests"),
        ("push", _push, "check them, then put them in Redis, where every process finds them at once"),
        ("withdraw", _withdraw, "take pushed documents away, in every process at once"),
        ("list", _list, "list what was pushed and what the settings name, and whether this release can run it"),
    ):
        command = actions.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")
        if name == "withdraw":
            command.add_argument(
                "ids", nargs="+", metavar="ID", help="an id of a document, as `operations list` prints it"
            )
        elif name != "list":
            command.add_argument(
                "manifests", nargs="*", type=Path, help="files or folders of them (default: operations.manifests)"
            )
        add_settings_option(command)
        command.set_defaults(run=run, action=action)


def run(options: argparse.Namespace) -> int:
    """Check, push, withdraw or list; 1 when a document cannot be used."""
    settings = load_part(DocumentSettings, options.settings)
    action: Callable[[argparse.Namespace, DocumentSettings], int] = options.action
    try:
        return action(options, settings)
    except InvalidManifest as error:
        print(f"{error}\nNothing was taken: mend these documents, and write their manifest anew.", file=sys.stderr)
        return REFUSED


def _check(options: argparse.Namespace, settings: DocumentSettings) -> int:
    documents, executor = _checker(settings)(_manifests(options.manifests or settings.operations.manifests))
    _print(documents, executor)
    print(f"{_documents(len(documents))} can run.")
    return 0


def _push(options: argparse.Namespace, settings: DocumentSettings) -> int:
    manifests = list(_manifests(options.manifests or settings.operations.manifests))
    documents, executor = _checker(settings)(manifests)
    texts = {given: text for manifest in manifests for given, text in manifest.items()}
    new = _with_pushed(settings, lambda pushed: pushed.push(texts))
    _print(documents, executor)
    fresh = sum(document_id(text) in new for text in set(texts.values()))
    print(f"Pushed {_documents(len(documents))}, {fresh} of them new.")
    return 0


def _withdraw(options: argparse.Namespace, settings: DocumentSettings) -> int:
    ids: list[str] = options.ids
    gone = _with_pushed(settings, lambda pushed: pushed.withdraw(ids))
    for given in sorted(gone):
        print(f"  {given}")
    print(f"Withdrew {'1 id' if len(gone) == 1 else f'{len(gone)} ids'}; every process was told.")
    unknown = [given for given in ids if given not in gone]
    for given in unknown:
        print(f"{given[:140]} is no id of a pushed document: look at `operations list`.", file=sys.stderr)
    return REFUSED if unknown else 0


def _list(_options: argparse.Namespace, settings: DocumentSettings) -> int:
    check = _checker(settings)
    problems = 0
    sources = {f"{file}:": manifest_in(file) for file in files_of(settings.operations.manifests)}
    if settings.redis.url is not None or not sources:
        sources["Pushed:"] = _with_pushed(settings, PushedDocuments.all)
    for source, texts in sources.items():
        print(source)
        found: dict[str, str] = {}
        for given, text in sorted(texts.items()):
            try:
                check([{given: text}])
            except InvalidManifest as error:
                problems += 1
                print(f"  this release cannot run {error}")
            else:
                found[given] = text
        _print(*check([found]))
        print(f"{_documents(len(set(texts.values())))}.")
    return REFUSED if problems else 0


def _checker(settings: DocumentSettings) -> Check:
    graph = graphs()(settings.limits)

    def check(manifests: Iterable[Mapping[str, str]]) -> tuple[TrustedDocuments, Executor]:
        documents, executor = no_documents(graph)
        documents.accept(manifests)
        return documents, executor

    return check


def _manifests(paths: Iterable[Path]) -> Iterator[dict[str, str]]:
    """Those of all files; the faults of all of them are told at once."""
    files = list(files_of(paths))
    if not files:
        raise SettingsError(
            "There is no manifest. Name files or folders of them, or set operations.manifests; docs/operations.md says"
            " what writes one."
        )
    problems = []
    for file in files:
        try:
            yield manifest_in(file)
        except InvalidManifest as error:
            problems.append(str(error))
    if problems:
        raise InvalidManifest("\n".join(problems))


def _with_pushed(settings: DocumentSettings, ask: Callable[[PushedDocuments], Awaitable[T]]) -> T:
    url = settings.redis.url
    if url is None:
        raise SettingsError(
            "redis.url is not set, and documents are pushed to Redis. Set GATEWAY_REDIS__URL, or go without Redis: name"
            " the manifests in operations.manifests and send `serve` a SIGHUP."
        )

    async def asked() -> T:
        async with connected_store(url.get_secret_value(), timeout_seconds=TIMEOUT_SECONDS, connections=1) as redis:
            return await ask(PushedDocuments(redis))

    try:
        return asyncio.run(asked())
    except (RedisError, BackendError) as error:
        # Its text may hold the address, with its password.
        raise SettingsError(
            f"Redis does not answer ({type(error).__name__}): look whether redis.url is right."
        ) from None


def _print(documents: TrustedDocuments, executor: Executor) -> None:
    """A line for each operation: its cost, its name, the document's id, further ids, and what is worth knowing."""
    ids: dict[int, list[str]] = {}
    by_object = {id(document): document for document in documents.known().values()}
    for given, document in documents.known().items():
        ids.setdefault(id(document), []).append(given)
    for key, document in by_object.items():
        # The digest's id is there for every document, and first.
        names = sorted(ids[key], key=lambda given: (not given.startswith("sha256:"), given))
        for operation in document.operations.values():
            plan = executor.prepare(operation.document, operation.name)
            notes = [f"not compiled: {plan.reason}"] if isinstance(plan, Fallback) else []
            print("  ".join([f"{_cost(operation):>7}", f"{operation.name or '(no name)':<28}", *names, *notes]))


def _cost(operation: Operation) -> str:
    """What it costs; with `+` where variables that size lists decide, for the lengths that are assumed without them."""
    try:
        cost = str(operation.estimate.of({}))
    except LimitExceeded:
        cost = "?"
    return f"{cost}+" if operation.estimate.sizing else cost


def _documents(number: int) -> str:
    return "1 document" if number == 1 else f"{number} documents"
