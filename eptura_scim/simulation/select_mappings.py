"""Which attribute mappings a command looks at: the stack's, the live ones of its job, or the documented ones."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eptura_scim.errors import ReadableError
from eptura_scim.report import tell

if TYPE_CHECKING:
    from eptura_scim.documented import Phone
    from eptura_scim.settings import Settings

__all__ = [
    "ChosenSettings",
    "MappingsName",
    "NoStackError",
    "documented_settings",
    "stack_settings",
    "with_phones",
]


class MappingsName(StrEnum):
    """The choices of --mappings."""

    STACK = "stack"
    LIVE = "live"
    DOCUMENTED = "documented"


class NoStackError(ReadableError):
    """No stack's settings can be read; the text says which and why."""


@dataclass(frozen=True)
class ChosenSettings:
    """Settings, and where they come from."""

    settings: Settings
    source: str
    stack: str = ""
    """The stack's name; empty where the settings are not those of a stack."""


def documented_settings() -> ChosenSettings:
    """The guide's defaults, which need no stack."""
    return ChosenSettings(_settings({}), "the documented mappings")


def stack_settings(project: Path, stack: str | None, environment: Mapping[str, str] = os.environ) -> ChosenSettings:
    """What a stack configures, read from its file: no login and no secret is needed.

    Without `stack` it is the one that is selected, which the engine knows. Raises NoStackError, SettingsError.
    """
    from eptura_scim.engine import EngineError
    from eptura_scim.engine.project import project_folder, read_project, read_stack_settings

    try:
        project = project_folder(project)
        declared = read_project(project)
        name = (stack or _selected(project, environment)).rsplit("/", 1)[-1]
        if not (project / f"Pulumi.{name}.yaml").exists():
            raise NoStackError(_no_settings(project, name))
        config: dict[str, Any] = read_stack_settings(project, name).get("config") or {}
    except EngineError as error:
        raise NoStackError(str(error)) from error
    prefix = f"{declared['name']}:"
    values = {key.removeprefix(prefix): value for key, value in config.items() if key.startswith(prefix)}
    return ChosenSettings(_settings(values), f"the mappings of the stack {name}", name)


def _no_settings(project: Path, stack: str) -> str:
    others = sorted(path.name[len("Pulumi.") : -len(".yaml")] for path in project.glob("Pulumi.?*.yaml"))
    known = f"the project has those of {', '.join(others)}" if others else "the project has none of any stack"
    return (
        f"settings of the stack {stack!r} not found: {project / f'Pulumi.{stack}.yaml'} is missing, and {known}. Check "
        f"--stack, or write them: `pulumi config set --stack {stack} tenantUrl https://…`"
    )


def _selected(project: Path, environment: Mapping[str, str]) -> str:
    from eptura_scim.engine import ProjectStack, installed_engine

    engine = installed_engine(tell, environment)
    if engine is None:
        raise NoStackError("no Pulumi CLI found to tell the selected stack: pass --stack")
    return ProjectStack.open(engine, project, None, environment).name


def _settings(values: Mapping[str, Any]) -> Settings:
    from eptura_scim.settings import settings_of_texts

    plain = {name: str(value).lower() if isinstance(value, bool) else str(value)
             for name, value in values.items() if not isinstance(value, Mapping)}  # fmt: skip
    # Neither the token nor the URL says anything about mappings.
    plain = {"tenantUrl": "https://not.configured.example/scim/v1/", **plain, "secretToken": "-"}
    return settings_of_texts(plain, {"secretToken"})


def with_phones(settings: Settings, work: Phone | None, mobile: Phone | None) -> Settings:
    """The settings with other modes of telephone numbers; None leaves a mode as it is."""
    modes = {"phone_work": work, "phone_mobile": mobile}
    return settings.model_copy(update={name: mode for name, mode in modes.items() if mode is not None})
