"""Files of documents with their ids, as code generators write them."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:~-]{0,127}")
_HEX = re.compile(r"(?:(?P<name>md5|sha1|sha256):)?(?P<digest>[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})")
_ALGORITHMS = {32: "md5", 40: "sha1", 64: "sha256"}


class InvalidManifest(Exception):  # what is wrong with the file, for whoever wrote it
    """A manifest that cannot be used; the message names each document and what is wrong with it."""


def read_manifest(content: bytes) -> dict[str, str]:
    """The documents' texts by id.

    Takes what graphql-codegen's client preset writes (`persisted-documents.json`), what Relay's compiler writes, both
    one object of ids and texts, and Apollo's `apollo-persisted-query-manifest`. An id that looks like a digest must be
    its text's.

    Raises:
        InvalidManifest: It is none of these, or an id is not its text's digest.
    """
    try:
        given = msgspec.json.decode(content, type=dict[str, Any])
        texts = _of_apollo(given) if "format" in given else msgspec.convert(given, dict[str, str])
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise InvalidManifest(
            f"It is no manifest: {error}. Expected one JSON object of ids and texts, or Apollo's format."
        ) from None
    if problems := list(_problems(texts)):
        raise InvalidManifest("\n".join(problems))
    return texts


def files_of(paths: Iterable[Path]) -> Iterator[Path]:
    """The manifests among files and folders, those of a folder by name."""
    for path in paths:
        if path.is_dir():
            yield from sorted(path.glob("*.json"))
        else:
            yield path


def manifest_in(file: Path) -> dict[str, str]:
    """The documents of a file.

    Raises:
        InvalidManifest: Its content cannot be used.
        OSError: It cannot be read.
    """
    try:
        return read_manifest(file.read_bytes())
    except InvalidManifest as error:
        raise InvalidManifest(f"{file}: {error}") from None


def digest_of(text: str) -> str:
    """The SHA-256 of a document's text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def document_id(text: str) -> str:
    """The id that every document has, whichever else it goes by: `sha256:` and the digest of its text."""
    return f"sha256:{digest_of(text)}"


class _ApolloOperation(msgspec.Struct):
    id: str
    body: str


class _ApolloManifest(msgspec.Struct):
    format: str
    version: int
    operations: list[_ApolloOperation]


def _of_apollo(given: Mapping[str, Any]) -> dict[str, str]:
    manifest = msgspec.convert(given, _ApolloManifest)
    if (manifest.format, manifest.version) != ("apollo-persisted-query-manifest", 1):
        raise ValueError(f"format {manifest.format!r} in version {manifest.version} is not known")
    return {operation.id: operation.body for operation in manifest.operations}


def _problems(texts: Mapping[str, str]) -> Iterator[str]:
    for given, text in texts.items():
        if not _ID.fullmatch(given):
            yield f"{given[:140]!r} is no id: up to 128 letters, digits and . _ : ~ - are."
        elif found := _HEX.fullmatch(given):
            digest = found["digest"]
            algorithm = _ALGORITHMS[len(digest)]
            if found["name"] not in {None, algorithm}:
                yield f"{given} is no {found['name']} digest."
            elif hashlib.new(algorithm, text.encode(), usedforsecurity=False).hexdigest() != digest:
                yield f"{given} is not the {algorithm} digest of its text: print the manifest anew."
