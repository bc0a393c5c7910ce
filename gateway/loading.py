"""Where settings come from, and what is said when they are wrong."""

import os
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, TomlConfigSettingsSource

from gateway.settings import ENV_PREFIX, Settings, SettingsError, environment_name, nearest

SETTINGS_FILE_VARIABLE = "GATEWAY_SETTINGS_FILE"

Kind = TypeVar("Kind", bound=BaseSettings)


def load_settings(file: Path | None = None) -> Settings:
    """Read the settings from the environment, over those of a TOML file.

    Args:
        file: The TOML file; without it the one that `GATEWAY_SETTINGS_FILE` names, if any.

    Raises:
        SettingsError: A key is unknown, missing or wrong.
    """
    return load_part(Settings, file)


def load_part(kind: type[Kind], file: Path | None = None) -> Kind:
    """The same of some groups of the settings, for a command that needs no others.

    Raises:
        SettingsError: A key of these groups is unknown, missing or wrong.
    """
    if file is None and (named := os.environ.get(SETTINGS_FILE_VARIABLE)):
        file = Path(named)
    if file is not None and not file.is_file():
        raise SettingsError(f"There is no settings file {file}. Check --settings or {SETTINGS_FILE_VARIABLE}.")
    _refuse_unknown_variables()

    class FromFile(kind):  # type: ignore[valid-type, misc]  # a class of its own for each file
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # pydantic passes all of them by name
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return (env_settings, TomlConfigSettingsSource(settings_cls, file))

    try:
        loaded: Kind = FromFile()
    except ValidationError as error:
        raise SettingsError("\n".join(_remedy(problem) for problem in error.errors(include_input=False))) from None
    except ValueError as error:  # broken TOML, or an environment variable that should be JSON and is not
        raise SettingsError(str(error)) from None
    return loaded


def _refuse_unknown_variables() -> None:
    """pydantic-settings looks up the names it knows and never sees a variable with a wrong one; so look here."""
    known = {name.upper() for name in Settings.model_fields}
    for name in sorted(os.environ):
        if name == SETTINGS_FILE_VARIABLE or not name.upper().startswith(ENV_PREFIX):
            continue
        owner = name.upper().removeprefix(ENV_PREFIX).split("__")[0]
        if owner not in known:
            raise SettingsError(f"{name}: there is no such setting.{nearest(owner, known)}")


def _remedy(problem: Any) -> str:
    path: tuple[str | int, ...] = problem["loc"]
    if not path:
        return str(problem["msg"]).removeprefix("Value error, ")
    key = ".".join(str(part) for part in path)
    name = environment_name(path)
    if problem["type"] == "missing":
        return f"{key} is missing. Set {name}, or {key} in the settings file."
    if problem["type"] == "extra_forbidden":
        return f"{key}: there is no such setting.{nearest(str(path[-1]), _siblings(path))}"
    return f"{key} ({name}): {problem['msg']}."


def _siblings(path: tuple[str | int, ...]) -> set[str]:
    model: Any = Settings
    for part in path[:-1]:
        fields = getattr(model, "model_fields", None)
        model = get_args(model)[-1] if fields is None else fields[part].annotation
    return set(getattr(model, "model_fields", ()))
