"""The house's own rules, where no linter knows them. A failure names what was forgotten."""

import ast
import importlib.metadata
import inspect
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import resolvers
from gateway.settings import Backends
from tests.processes import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DOMAINS = sorted(path.parent.name for path in (ROOT / "resolvers").glob("*/resolver.py"))
MODULES = sorted(
    path for folder in ("gateway", "schema", "resolvers", "backends") for path in (ROOT / folder).rglob("*.py")
)


def test_every_domain_is_in_every_list() -> None:
    """Settings, dialects, attributes, contracts."""
    assert sorted(Backends.model_fields) == sorted(resolvers.DIALECTS)
    source = inspect.getsource(resolvers.Resolvers)
    assert [name for name in DOMAINS if f"    def {name}(self)" not in source] == []
    contracts = {contract["name"]: contract for contract in PYPROJECT["tool"]["importlinter"]["contracts"]}
    packages = [f"resolvers.{name}" for name in DOMAINS]
    assert sorted(contracts["Domains meet only in the graph"]["modules"]) == packages
    assert sorted(contracts["A domain: resolver > backend > models"]["containers"]) == packages


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_domain_has_the_same_files(domain: str) -> None:
    """So that nobody searches."""
    files = {path.name for path in (ROOT / "resolvers" / domain).glob("*.py")}
    assert files >= {"__init__.py", "backend.py", "models.py", "resolver.py"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_promises_one_thing_and_is_short(path: Path) -> None:
    """Its docstring's first sentence stands on its own line; 300 lines are enough."""
    text = path.read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(text))
    assert docstring
    assert docstring.splitlines()[0].endswith((".", ":")), docstring.splitlines()[0]
    assert len(text.splitlines()) <= 300


def test_each_import_of_a_module_works_alone() -> None:
    """No cycle hides behind the order of imports, and importing starts nothing."""
    for module in ("schema", "resolvers", "gateway.app", "gateway.upstream", "gateway.edge.endpoint", "backends"):
        subprocess.run([sys.executable, "-W", "error", "-c", f"import {module}"], cwd=ROOT, check=True)  # noqa: S603  # our own modules


def test_nothing_else_owns_our_names() -> None:
    """A library on PyPI installs a top-level package called `schema`, which would hide ours or be hidden."""
    owners = importlib.metadata.packages_distributions()
    for name in ("gateway", "schema", "resolvers", "backends"):
        assert set(owners.get(name, ["storefront-gateway"])) == {"storefront-gateway"}


def test_the_wheel_has_what_runs(tmp_path: Path) -> None:
    """The demo's pages, widgets and documents are package data; tests and benchmarks stay at home."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603  # our own build
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for name in (
        "gateway/demo/static/explorer.html",
        "gateway/demo/static/fonts/fraunces-600.woff2",
        "gateway/demo/assets/rc-subscription-picker.js",
        "gateway/demo/pictures/bag.svg",
        "gateway/demo/templates/product.html",
        "gateway/demo/documents/CustomerPortal.graphql",
        "schema/schema.graphql",
    ):
        assert name in names
    top = {name.split("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {"gateway", "schema", "resolvers", "backends"}


def test_no_lock_file_names_a_host() -> None:
    """Installs take their index from the machine, never from a file of ours."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        assert "--index" not in text
        assert "--hash=sha256:" in text
