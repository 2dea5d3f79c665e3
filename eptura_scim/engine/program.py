"""A project's own `__main__.py` as an inline program of the Automation API."""

from __future__ import annotations

import os
import runpy
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path

from eptura_scim.engine.command import clean_environment
from eptura_scim.engine.errors import ProjectError

__all__ = ["Program"]


class Program:
    """Runs the file that the official CLI would run, once for each call, as `__main__`.

    An exception of the program is turned into one line, since the engine prints what it gets; `failure` keeps the
    exception itself. While it runs, this process has the environment of the run's cloud (ARM_* and others), as the
    official CLI's program would.
    """

    def __init__(self, project: Path, environment: Mapping[str, str]) -> None:
        """Raises ProjectError where the project has no program."""
        self._file = project / "__main__.py"
        self._environment = environment
        self.failure: BaseException | None = None
        if not self._file.is_file():
            raise ProjectError(f"{self._file} does not exist: the project has no program")

    def __call__(self) -> None:
        """Run the program in the current Pulumi runtime."""
        from pulumi import RunError

        self.failure = None
        folder = str(self._file.parent)
        sys.path.insert(0, folder)  # as if python were started on the file
        own = dict(os.environ)
        try:
            _replace_environment({**clean_environment(own), **self._environment})
            runpy.run_path(str(self._file), run_name="__main__")
        except RunError as error:
            self.failure = error
            raise
        except (Exception, SystemExit) as error:
            self.failure = error
            raise RunError(_one_line(error, folder)) from error
        finally:
            _replace_environment(own)
            sys.path.remove(folder)


def _replace_environment(environment: Mapping[str, str]) -> None:
    for name in set(os.environ) - set(environment):
        del os.environ[name]
    os.environ.update(environment)


def _one_line(error: BaseException, folder: str) -> str:
    """What went wrong and the place in the project (not in a library) where it did."""
    text = " ".join(str(error).split())
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(folder)]
    if isinstance(error, SyntaxError):
        return f"{Path(error.filename or '').name} line {error.lineno}: {error.msg}"
    place = f" ({Path(frames[-1].filename).name} line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {text}{place}"
