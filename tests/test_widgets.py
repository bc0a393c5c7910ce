"""The widgets' sources and the built assets, which are checked in so that the demo needs no Node."""

import gzip
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from tests.processes import ROOT

WIDGETS = ROOT / "widgets"
ASSETS = ROOT / "gateway" / "demo" / "assets"
DOCUMENTS = sorted(WIDGETS.glob("*/src/*.graphql"))

MOST_BYTES = {"rc-subscription-picker.js": 80_000, "rc-loyalty-panel.js": 35_000, "store.js": 12_000}
"""Compressed with gzip, as a browser gets it: a page's weight is the merchant's conversion."""


@pytest.mark.parametrize("name", MOST_BYTES)
def test_a_script_keeps_to_its_budget(name: str) -> None:
    """React and its element in 80 kB, Vue and its element in 35 kB."""
    assert len(gzip.compress((ASSETS / name).read_bytes(), 9)) <= MOST_BYTES[name]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_documents_fit_the_graph(path: Path) -> None:
    """Without Node too: whoever takes a field away sees here which widget asks for it."""
    schema = build_schema((ROOT / "schema" / "schema.graphql").read_text(encoding="utf-8"))
    assert validate(schema, parse(path.read_text(encoding="utf-8"))) == []


def test_persisted_documents_are_those_of_the_sources() -> None:
    """One hash a document, next to the code that sends it."""
    for path in DOCUMENTS:
        persisted = json.loads((path.parent / "generated" / "persisted-documents.json").read_text(encoding="utf-8"))
        (documentId,) = persisted  # noqa: N806  # the parameter's name on the wire
        assert documentId in (path.parent / "generated" / "graphql.ts").read_text(encoding="utf-8")
        assert f"{path.stem}" in persisted[documentId]


def test_what_is_built_in_is_named() -> None:
    """Libraries in a bundle come with their licences."""
    for name in MOST_BYTES:
        licences = (ASSETS / name).with_suffix(".licenses.md").read_text(encoding="utf-8")
        assert ("react-dom" in licences, "vue" in licences) == ("picker" in name, "panel" in name)


def test_the_lock_names_no_host() -> None:
    """Packages come from wherever the machine's own npm gets them, and are checked by their hashes."""
    lock = json.loads((WIDGETS / "package-lock.json").read_text(encoding="utf-8"))
    for path, package in lock["packages"].items():
        assert not re.search("https?:", package.get("resolved", "")), path
        assert package.get("link") or "integrity" in package or not path.startswith("node_modules"), path


def test_the_assets_are_built_from_the_sources(tmp_path: Path) -> None:
    """Codegen has nothing new to print for the SDL, TypeScript is content, and the build gives the same bytes."""
    npm = shutil.which("npm")
    if not npm or not (WIDGETS / "node_modules").exists():
        assert not os.environ.get("CI"), "CI builds the widgets: run `npm ci` in widgets/ first"
        pytest.skip("there is no npm, or no widgets/node_modules")
    for arguments in (["run", "check"], ["run", "build", "--", "--out", str(tmp_path)]):
        done = subprocess.run([npm, *arguments], cwd=WIDGETS, capture_output=True, text=True, check=False)  # noqa: S603  # our own scripts
        assert done.returncode == 0, done.stdout + done.stderr
    for built in tmp_path.iterdir():
        assert built.read_bytes() == (ASSETS / built.name).read_bytes(), f"run `make widgets`: {built.name} is another"
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in ASSETS.iterdir()}
