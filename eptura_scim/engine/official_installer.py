"""The official installer of the Pulumi CLI as the SDK offers it, in a process of its own with a time limit."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path

from semver import VersionInfo

from eptura_scim.engine.errors import NotObtainedError
from eptura_scim.environment import without_credentials

__all__ = ["VERSION", "install"]

VERSION = VersionInfo.parse(version("pulumi"))
"""The version that belongs to the SDK in use."""

_CONNECT_SECONDS = 10
_TOTAL_SECONDS = 600

_INSTALL = """
import socket, subprocess, sys
from pulumi.automation import PulumiCommand
from semver import VersionInfo
socket.setdefaulttimeout(float(sys.argv[3]))
try:
    PulumiCommand.install(root=sys.argv[1], version=VersionInfo.parse(sys.argv[2]))
except subprocess.CalledProcessError as error:
    sys.exit((error.output or b"").decode(errors="replace") or str(error))
except OSError as error:
    sys.exit(f"{getattr(error, 'url', None) or 'https://get.pulumi.com'}: {getattr(error, 'reason', error)}")
"""


def install(folder: Path, say: Callable[[str], None], environment: Mapping[str, str]) -> None:
    """Install the CLI into `folder`/bin. Raises NotObtainedError where that does not work."""
    say(f"trying the official installer for Pulumi {VERSION}")
    arguments = [sys.executable, "-c", _INSTALL, str(folder), str(VERSION), str(_CONNECT_SECONDS)]
    try:
        done = subprocess.run(  # noqa: S603
            arguments,
            env=without_credentials(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TOTAL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotObtainedError(f"timed out after {_TOTAL_SECONDS} s") from None
    if done.returncode != 0:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        raise NotObtainedError(lines[-1] if lines else f"exit code {done.returncode}")
