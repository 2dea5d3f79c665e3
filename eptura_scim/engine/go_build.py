"""The Pulumi CLI built from its Go module by the ordinary Go client, for where it cannot be downloaded ready-made.

Such a CLI has no language host, which the Automation API's inline programs do not need.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from semver import VersionInfo

from eptura_scim.engine.errors import NotObtainedError
from eptura_scim.environment import without_credentials
from eptura_scim.types import Say

__all__ = ["VERSION", "build"]

VERSION = VersionInfo(3, 259, 0)
"""The engine version that this project is tested with."""

_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_GO = "1.25.11"  # what the package asks for; a Go that is older gets this one by itself or says that it may not
_STAMP = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
_PROGRESS_SECONDS = 15.0


def build(folder: Path, say: Say, environment: Mapping[str, str], progress: float = _PROGRESS_SECONDS) -> None:
    """Build the CLI into `folder`/bin. Raises NotObtainedError where that does not work."""
    go = shutil.which("go", path=environment.get("PATH", os.defpath))
    if not go:
        raise NotObtainedError("go is not on PATH")
    say(f"building the Pulumi engine {VERSION} from its Go module: about 4 minutes on 2 cores, once on this machine")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="module-", dir=folder) as module:
        (Path(module) / "go.mod").write_text(f"module eptura-scim/engine\n\ngo {_GO}\n", encoding="utf-8")
        steps = {
            "downloading": ["get", "-tool", f"{_PACKAGE}@v{VERSION}"],
            "compiling": [
                "build",
                "-trimpath",
                "-ldflags",
                f"-s -w -X {_STAMP}=v{VERSION}",
                "-o",
                str(folder / "bin" / "pulumi"),
                _PACKAGE,
            ],
        }
        for step, arguments in steps.items():
            _run([go, *arguments], Path(module), environment, _Ticker(say, step, began, progress))
    say(f"built in {time.monotonic() - began:.0f} s")


class _Ticker:
    """Says how long a step has been running, now and then."""

    def __init__(self, say: Say, step: str, began: float, every: float) -> None:
        self._say, self._step, self._began = say, step, began
        self.every = every

    def __call__(self) -> None:
        self._say(f"  {self._step} ({time.monotonic() - self._began:.0f} s)")


def _run(arguments: list[str], module: Path, environment: Mapping[str, str], tick: _Ticker) -> None:
    log = module / "log.txt"  # Go names every module that it downloads: hundreds of lines that matter only on failure
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603
            arguments,
            cwd=module,
            env=without_credentials(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            while True:
                try:
                    code = process.wait(tick.every)
                    break
                except subprocess.TimeoutExpired:
                    tick()
        finally:
            if process.poll() is None:  # interrupted
                process.kill()
                process.wait()
    if code != 0:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        telling = [line.strip() for line in lines if line.strip() and not line.startswith("go: downloading")]
        said = telling[-1] if telling else f"exit code {code}"
        raise NotObtainedError(f"`go {' '.join(arguments[1:3])}` failed: {said}")
