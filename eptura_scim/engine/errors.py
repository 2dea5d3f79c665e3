"""What the engine layer may raise.

EngineError (a ReadableError)
├── EngineNotFoundError      no Pulumi CLI is here, and none could be downloaded or built
├── NotObtainedError         one way to get a Pulumi CLI did not work
├── ProjectError             a Pulumi project cannot be read
├── StackError               the plain CLI refused something about a stack
└── DeploymentError          an operation of the engine failed
    ├── UnexpectedChangesError   a preview that was to show no changes showed some
    └── InterruptedRunError      someone stopped it
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eptura_scim.errors import ReadableError

if TYPE_CHECKING:
    from eptura_scim.engine.outcome import Outcome

__all__ = [
    "DeploymentError",
    "EngineError",
    "EngineNotFoundError",
    "InterruptedRunError",
    "NotObtainedError",
    "ProjectError",
    "StackError",
    "UnexpectedChangesError",
]


class EngineError(ReadableError):
    """No engine, no project, or a run that failed."""


class EngineNotFoundError(EngineError):
    """No usable Pulumi CLI; the text says what was tried and what to install."""


class NotObtainedError(EngineError):
    """The official installer or the Go client failed; the text is the reason."""


class ProjectError(EngineError):
    """Pulumi.yaml is missing or is not what it should be; the text names the file."""


class StackError(EngineError):
    """The Pulumi CLI could not select, configure or read a stack, or import into it; the text is its reason."""


class DeploymentError(EngineError):
    """The engine reported a failure; the text is its reason, `outcome` is everything that it said."""

    def __init__(self, message: str, outcome: Outcome) -> None:
        super().__init__(message)
        self.outcome = outcome


class UnexpectedChangesError(DeploymentError):
    """`preview(expect_no_changes=True)` found changes."""


class InterruptedRunError(DeploymentError):
    """The run was stopped; what it had done is in the state."""
