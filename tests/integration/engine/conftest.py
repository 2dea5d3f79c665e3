"""A machine made of files: a PATH and a cache of this test alone, with executables that are shell scripts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

PULUMI = """#!/bin/sh
[ "$1" = version ] && echo v{version}
"""

# Does what `go build -o FILE` does, and logs that it was called.
GO = """#!/bin/sh
echo "$1" >> {log}
if [ "$1" = build ]; then
  while [ "$1" != -o ]; do shift; done
  mkdir -p "$(dirname "$2")"
  printf '#!/bin/sh\\necho v3.259.0\\n' > "$2"
  chmod +x "$2"
fi
"""


class Machine:
    """What the finder sees of a machine."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.cache = folder / "cache"
        self.go_log = folder / "go.log"
        self.bin.mkdir()
        self.said: list[str] = []
        # The installer's child process looks nothing up: its proxy refuses at once.
        refusing = "http://127.0.0.1:9"
        self.environment = {
            "PATH": f"{self.bin}:/usr/bin:/bin",
            "HOME": str(folder / "home"),
            "EPTURA_SCIM_CACHE": str(self.cache),
            "https_proxy": refusing,
            "http_proxy": refusing,
        }

    def say(self, line: str) -> None:
        self.said.append(line)

    def executable(self, name: str, text: str, folder: Path | None = None) -> Path:
        path = (folder or self.bin) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return path

    def pulumi(self, version: str, folder: Path | None = None) -> Path:
        return self.executable("pulumi", PULUMI.format(version=version), folder)

    def go(self, text: str | None = None) -> Path:
        return self.executable("go", text or GO.format(log=self.go_log))

    @property
    def go_calls(self) -> list[str]:
        return self.go_log.read_text().split() if self.go_log.exists() else []

    @property
    def leftovers(self) -> list[str]:
        return sorted(path.name for path in (self.cache / "engine").glob(".*"))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    if sys.platform == "win32":
        pytest.skip("the executables of these tests are shell scripts")
    return Machine(tmp_path)
