"""Settings are refused at start unless every key is known and right, with a message that says what to do."""

import json
import re
from pathlib import Path

import pytest

from gateway.loading import load_settings
from gateway.settings import SettingsError
from tests.processes import ROOT

PAGE = ROOT / "docs" / "shops.md"

TOML = """
[sessions]
secret = "0123456789012345678901234567890123456789"

[backends.subscriptions]
url = "http://127.0.0.1:9001"
[backends.bundles]
url = "http://127.0.0.1:9002"
[backends.loyalty]
url = "http://127.0.0.1:9003"

[shops."a.example"]
id = 1
currency_code = "USD"
domains = ["www.a.example"]
[shops."a.example".backends]
subscriptions.token = "s"
bundles.token = "b"
loyalty = { token = "l", url = "https://loyalty.a.example/api" }
"""
OTHER_SHOP = """
[shops."b.example"]
id = 2
currency_code = "EUR"
domains = ["shop.b.example"]
[shops."b.example".backends]
subscriptions.token = "s2"
bundles.token = "b2"
loyalty.token = "l2"
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settings file that is right."""
    for name in ("GATEWAY_SETTINGS_FILE",):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "gateway.toml"
    path.write_text(TOML, encoding="utf-8")
    return path


def refusal(file: Path) -> str:
    """The message with which settings are refused."""
    with pytest.raises(SettingsError) as refused:
        load_settings(file)
    return str(refused.value)


def test_a_file_and_the_environment_over_it(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment wins, level by level; the file may be named there too."""
    monkeypatch.setenv("GATEWAY_LIMITS__BODY_BYTES", "1000")
    monkeypatch.setenv("GATEWAY_BACKENDS__LOYALTY__TIMEOUT_SECONDS", "0.5")
    monkeypatch.setenv("GATEWAY_SETTINGS_FILE", str(file))
    settings = load_settings()
    assert settings.limits.body_bytes == 1_000
    assert settings.backends.loyalty.timeout_seconds == 0.5
    assert str(settings.backends.loyalty.url) == "http://127.0.0.1:9003/"
    assert settings.shops["a.example"].backends["bundles"].token.get_secret_value() == "b"


def test_the_environment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything can be said in variables; the shops as JSON."""
    monkeypatch.setenv("GATEWAY_SESSIONS__SECRET", "x" * 32)
    for name in ("SUBSCRIPTIONS", "BUNDLES", "LOYALTY"):
        monkeypatch.setenv(f"GATEWAY_BACKENDS__{name}__URL", "https://api.example.com")
    backends = {name: {"token": "t"} for name in ("subscriptions", "bundles", "loyalty")}
    shop = {"id": 1, "currency_code": "EUR", "backends": backends}
    monkeypatch.setenv("GATEWAY_SHOPS", json.dumps({"b.example": shop}))
    assert list(load_settings().shops) == ["b.example"]


def test_a_shop_by_any_of_its_names_and_at_its_own_address(file: Path) -> None:
    """The names of all shops lead to their keys; an address that a shop lacks is the backend's."""
    file.write_text(TOML + OTHER_SHOP, encoding="utf-8")
    settings = load_settings(file)
    assert settings.shops_by_name() == {
        "a.example": "a.example",
        "www.a.example": "a.example",
        "b.example": "b.example",
        "shop.b.example": "b.example",
    }
    assert {
        (shop, name): settings.url_of(name, shop) for shop in settings.shops for name in ("bundles", "loyalty")
    } == {
        ("a.example", "bundles"): "http://127.0.0.1:9002",
        ("a.example", "loyalty"): "https://loyalty.a.example/api",
        ("b.example", "bundles"): "http://127.0.0.1:9002",
        ("b.example", "loyalty"): "http://127.0.0.1:9003",
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "[sessions]",
            "[session]",
            (
                "sessions is missing. Set GATEWAY_SESSIONS, or sessions in the settings file.\n"
                "session: there is no such setting. Did you mean sessions? docs/settings.md lists them all."
            ),
        ),
        (
            "[sessions]\nsecret",
            "[sessions]\nsecrt",
            (
                "sessions.secret is missing. Set GATEWAY_SESSIONS__SECRET, or sessions.secret in the settings file.\n"
                "sessions.secrt: there is no such setting. Did you mean secret? docs/settings.md lists them all."
            ),
        ),
        (
            '"0123456789012345678901234567890123456789"',
            '"too short"',
            (
                "sessions.secret (GATEWAY_SESSIONS__SECRET): "
                "Value should have at least 32 items after validation, not 9."
            ),
        ),
        (
            'url = "http://127.0.0.1:9001"',
            'url = "ftp://x"',
            (
                "backends.subscriptions.url (GATEWAY_BACKENDS__SUBSCRIPTIONS__URL): "
                "URL scheme should be 'http' or 'https'."
            ),
        ),
        (
            'url = "http://127.0.0.1:9001"',
            'url = "http://127.0.0.1:9001"\ntimeout_seconds = 0',
            (
                "backends.subscriptions.timeout_seconds (GATEWAY_BACKENDS__SUBSCRIPTIONS__TIMEOUT_SECONDS): "
                "Input should be greater than 0."
            ),
        ),
        (
            "loyalty = { token",
            "loyality = { token",
            (
                "shops.a.example.backends.loyalty is missing: a shop needs a token for each of"
                " bundles, loyalty, subscriptions.\n"
                "shops.a.example.backends.loyality: there is no such backend."
                " Did you mean loyalty? docs/settings.md lists them all."
            ),
        ),
        (
            'bundles.token = "b"',
            'bundles.tokn = "b"',
            (
                "shops.a.example.backends.bundles.token is missing. Set"
                " GATEWAY_SHOPS__A.EXAMPLE__BACKENDS__BUNDLES__TOKEN,"
                " or shops.a.example.backends.bundles.token in the settings file.\n"
                "shops.a.example.backends.bundles.tokn: there is no such setting."
                " Did you mean token? docs/settings.md lists them all."
            ),
        ),
        (
            'domains = ["www.a.example"]',
            'domain = ["www.a.example"]',
            (
                "shops.a.example.domain: there is no such setting."
                " Did you mean domains? docs/settings.md lists them all."
            ),
        ),
        (
            '"https://loyalty.a.example/api"',
            '"loyalty.a.example"',
            (
                "shops.a.example.backends.loyalty.url (GATEWAY_SHOPS__A.EXAMPLE__BACKENDS__LOYALTY__URL):"
                " Input should be a valid URL, relative URL without a base."
            ),
        ),
        (
            '["www.a.example"]',
            '["WWW.a.example"]',
            ("shops.a.example.domains: 'WWW.a.example' is not a domain in lower case, such as shop.example.com."),
        ),
        (
            '["www.a.example"]',
            '["www.a.example", "a.example"]',
            "shops.a.example.domains: a.example is a name of shops.a.example already.",
        ),
        (
            'currency_code = "USD"',
            'currency_code = "usd"',
            (
                "shops.a.example.currency_code (GATEWAY_SHOPS__A.EXAMPLE__CURRENCY_CODE): "
                "String should match pattern '^[A-Z]{3}$'."
            ),
        ),
    ],
)
def test_a_wrong_key_or_value(file: Path, old: str, new: str, message: str) -> None:
    """The message names the key and its variable."""
    file.write_text(TOML.replace(old, new), encoding="utf-8")
    assert refusal(file) == message


@pytest.mark.parametrize(
    ("domain", "owner"), [("a.example", "a.example"), ("www.a.example", "a.example"), ("b.example", "b.example")]
)
def test_a_domain_names_one_shop_only(file: Path, domain: str, owner: str) -> None:
    """Neither another shop's key, nor one of its domains, nor the shop's own key again."""
    file.write_text(TOML + OTHER_SHOP.replace("shop.b.example", domain), encoding="utf-8")
    assert refusal(file) == f"shops.b.example.domains: {domain} is a name of shops.{owner} already."


def test_broken_toml(file: Path) -> None:
    """The parser's own words, with the line."""
    file.write_text("[sessions\n", encoding="utf-8")
    assert "line 1" in refusal(file)


def test_an_unknown_variable(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that nothing reads is a typing error."""
    monkeypatch.setenv("GATEWAY_LIMIT__BODY_BYTES", "1000")
    assert refusal(file) == (
        "GATEWAY_LIMIT__BODY_BYTES: there is no such setting. Did you mean limits? docs/settings.md lists them all."
    )


def test_an_unknown_variable_further_down(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As much for a name below a group."""
    monkeypatch.setenv("GATEWAY_LIMITS__BODY_BITES", "1000")
    assert refusal(file) == (
        "limits.body_bites: there is no such setting. Did you mean body_bytes? docs/settings.md lists them all."
    )


def test_the_page_on_shops_has_an_example_that_works(file: Path) -> None:
    """docs/shops.md shows a whole file."""
    (example,) = re.findall(r"^```toml gateway\.toml\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    file.write_text(example, encoding="utf-8")
    settings = load_settings(file)
    assert settings.shops_by_name() == {
        "aurora-coffee.myshopify.com": "aurora-coffee.myshopify.com",
        "www.aurora-coffee.example": "aurora-coffee.myshopify.com",
        "nordlys-skin.myshopify.com": "nordlys-skin.myshopify.com",
    }
    assert settings.url_of("loyalty", "nordlys-skin.myshopify.com") == "https://loyalty.nordlys-skin.example/api"
    assert settings.url_of("loyalty", "aurora-coffee.myshopify.com") == "https://api.smile.io"


def test_no_such_file(file: Path) -> None:
    """A wrong path is not silently an empty file."""
    missing = file.with_name("other.toml")
    assert refusal(missing) == f"There is no settings file {missing}. Check --settings or GATEWAY_SETTINGS_FILE."


def test_secrets_are_in_no_message_and_no_repr(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither when they are right nor when they are wrong."""
    assert "0123456789" not in repr(load_settings(file))
    monkeypatch.setenv(
        "GATEWAY_SHOPS", '{"a.example": {"backends": {"loyalty": {"token": "canary"}, "typo": {"token": "canary"}}}}'
    )
    assert "canary" not in refusal(file)
    monkeypatch.setenv("GATEWAY_SESSIONS__SECRET", "canary")
    assert "canary" not in refusal(file)
