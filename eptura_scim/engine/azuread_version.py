"""Which azuread plugin the pinned SDK asks for."""

from __future__ import annotations

import json
from importlib.metadata import distribution
from pathlib import Path

__all__ = ["wanted_version"]


def wanted_version() -> str:
    """The version, found without the seconds that importing the SDK takes."""
    document = distribution("pulumi-azuread").locate_file("pulumi_azuread/pulumi-plugin.json")
    return str(json.loads(Path(str(document)).read_text(encoding="utf-8"))["version"])
