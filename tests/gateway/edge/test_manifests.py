"""Manifests as code generators write them."""

import hashlib
import json
from typing import Any

import pytest

from gateway.edge.manifests import InvalidManifest, read_manifest

TEXT = "query A {\n  shop {\n    id\n  }\n}"
MD5, SHA1, SHA256 = (hashlib.new(name, TEXT.encode()).hexdigest() for name in ("md5", "sha1", "sha256"))


@pytest.mark.parametrize("given", [f"sha256:{SHA256}", SHA256, f"sha1:{SHA1}", SHA1, MD5, "PortalV3", "app~1.0~portal"])
def test_objects_of_ids_and_texts(given: str) -> None:
    """The client preset's prefixed digests, Relay's MD5, names of one's own."""
    assert read_manifest(json.dumps({given: TEXT}).encode()) == {given: TEXT}


def test_apollo() -> None:
    """What its manifest generator writes."""
    operation = {"id": SHA256, "name": "A", "type": "query", "body": TEXT}
    manifest = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [operation]}
    assert read_manifest(json.dumps(manifest).encode()) == {SHA256: TEXT}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[]", "It is no manifest: Expected `object`, got `array`."),
        (b"{", "It is no manifest: Input data was truncated."),
        ({"a": 1}, "It is no manifest: Expected `str`, got `int` - at `$[...]`."),
        ({"a b": TEXT}, "'a b' is no id: up to 128 letters, digits and . _ : ~ - are."),
        ({"sha256:" + "0" * 64: TEXT}, "is not the sha256 digest of its text: print the manifest anew."),
        ({"0" * 32: TEXT}, "is not the md5 digest of its text: print the manifest anew."),
        ({f"sha256:{SHA1}": TEXT}, f"sha256:{SHA1} is no sha256 digest."),
        ({"format": "x", "version": 1, "operations": []}, "It is no manifest: format 'x' in version 1 is not known."),
    ],
)
def test_what_is_no_manifest(content: Any, message: str) -> None:
    """Refused, with what to do."""
    with pytest.raises(InvalidManifest) as refused:
        read_manifest(content if isinstance(content, bytes) else json.dumps(content).encode())
    assert message in str(refused.value)
