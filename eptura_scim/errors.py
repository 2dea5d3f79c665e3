"""The root of every error that a user may see.

ReadableError
├── graph.GraphError           Microsoft Graph or the login refused, or could not be reached
├── mapping.SchemaError        the synchronization schema lacks what the mappings need
├── mapping.ExpressionError    an expression cannot be read, or has no result (mapping.EvaluationError)
├── plugin_sdk.PluginError     an operation or an id of a resource
├── settings.SettingsError     the stack's configuration
├── engine.EngineError         the Pulumi engine cannot be had or failed
├── adoption.AdoptionError     an application that was made by hand cannot be taken over
├── local_entra.EmulatorError     the local Entra
└── extras.MissingExtraError   a command needs packages that are not installed
"""

from __future__ import annotations

import traceback
from pathlib import Path

__all__ = ["ReadableError", "kind_and_place"]


class ReadableError(Exception):
    """An expected failure. Its text is for the user: what is wrong with which object, what to do; never a secret."""


def kind_and_place(error: BaseException) -> str:
    """`ValueError at secrets.py:12`: all that is told of an unexpected error, since its text may hold anything."""
    frames = traceback.extract_tb(error.__traceback__)
    return type(error).__name__ + (f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "")
