"""The Pulumi engine: finding one, and running stacks of a project on it from Python.

Names are imported on first use: the command line must answer `--help` before gRPC has been loaded.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from eptura_scim.engine.errors import (
    DeploymentError,
    EngineError,
    EngineNotFoundError,
    InterruptedRunError,
    ProjectError,
    StackError,
    UnexpectedChangesError,
)

if TYPE_CHECKING:
    from eptura_scim.engine.discovery import Engine, find_engine, installed_engine
    from eptura_scim.engine.isolated_stack import ConfigValue, Deployment
    from eptura_scim.engine.outcome import Outcome, ResourceChange
    from eptura_scim.engine.plugins import AzureadPlugin, azuread_plugin, plugin_folders
    from eptura_scim.engine.user_stack import ProjectStack

__all__ = [
    "AzureadPlugin",
    "ConfigValue",
    "Deployment",
    "DeploymentError",
    "Engine",
    "EngineError",
    "EngineNotFoundError",
    "InterruptedRunError",
    "Outcome",
    "ProjectError",
    "ProjectStack",
    "ResourceChange",
    "StackError",
    "UnexpectedChangesError",
    "azuread_plugin",
    "find_engine",
    "installed_engine",
    "plugin_folders",
]

_PLACES = {
    "isolated_stack": ("ConfigValue", "Deployment"),
    "discovery": ("Engine", "find_engine", "installed_engine"),
    "outcome": ("ResourceChange", "Outcome"),
    "plugins": ("AzureadPlugin", "azuread_plugin", "plugin_folders"),
    "user_stack": ("ProjectStack",),
}


def __getattr__(name: str) -> Any:
    for module, names in _PLACES.items():
        if name in names:
            return getattr(import_module(f"eptura_scim.engine.{module}"), name)
    raise AttributeError(name)
