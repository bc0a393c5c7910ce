"""Settings are refused at start unless every key is known and right, with a message that says what to do."""

import json
from pathlib import Path

import pytest

from gateway.settings import SettingsError, load_settings

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
[shops."a.example".tokens]
subscriptions = "s"
bundles = "b"
loyalty = "l"
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
    assert settings.shops["a.example"].tokens["bundles"].get_secret_value() == "b"


def test_the_environment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything can be said in variables; the shops as JSON."""
    monkeypatch.setenv("GATEWAY_SESSIONS__SECRET", "x" * 32)
    for name in ("SUBSCRIPTIONS", "BUNDLES", "LOYALTY"):
        monkeypatch.setenv(f"GATEWAY_BACKENDS__{name}__URL", "https://api.example.com")
    shop = {"id": 1, "currency_code": "EUR", "tokens": dict.fromkeys(("subscriptions", "bundles", "loyalty"), "t")}
    monkeypatch.setenv("GATEWAY_SHOPS", json.dumps({"b.example": shop}))
    assert list(load_settings().shops) == ["b.example"]


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
            'loyalty = "l"',
            'loyality = "l"',
            "shops.a.example.tokens must name exactly the backends: bundles, loyalty, subscriptions",
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


def test_no_such_file(file: Path) -> None:
    """A wrong path is not silently an empty file."""
    missing = file.with_name("other.toml")
    assert refusal(missing) == f"There is no settings file {missing}. Check --settings or GATEWAY_SETTINGS_FILE."


def test_secrets_are_in_no_message_and_no_repr(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither when they are right nor when they are wrong."""
    assert "0123456789" not in repr(load_settings(file))
    monkeypatch.setenv("GATEWAY_SHOPS", '{"a.example": {"tokens": {"loyalty": "canary", "typo": "canary"}}}')
    assert "canary" not in refusal(file)
    monkeypatch.setenv("GATEWAY_SESSIONS__SECRET", "canary")
    assert "canary" not in refusal(file)
