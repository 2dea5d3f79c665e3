"""The outputs of a stack that a user has: on their own backend, as they are logged in."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pulumi.automation import CommandError

from eptura_scim.engine.errors import StackError
from eptura_scim.engine.finding import Engine

__all__ = ["stack_outputs"]


def stack_outputs(
    project: Path, stack: str | None, *, engine: Engine, environment: Mapping[str, str] = os.environ
) -> dict[str, Any]:
    """What the program exported at its last `up`; secret ones are masked, so no passphrase is needed.

    Without `stack` it is the selected one. Raises StackError.
    """
    arguments = ["stack", "output", "--json", *(["--stack", stack] if stack else [])]
    try:
        said = engine.command.run(arguments, cwd=str(project), additional_env=environment).stdout
        outputs = json.loads(said)
    except CommandError as error:
        raise StackError(_reason(str(error))) from error
    except ValueError as error:
        raise StackError(f"`pulumi stack output --json` gave something else: {said[:200]}") from error
    return dict(outputs)


def _reason(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if "error: " in line]
    return lines[-1].split("error: ", 1)[1] if lines else "`pulumi stack output` failed without a word"
