"""What an installation may leave out: the extras of pyproject.toml, and the modules that each one brings."""

from __future__ import annotations

from importlib.util import find_spec

from eptura_scim.errors import ReadableError

__all__ = ["EXTRAS", "MissingExtraError", "missing_extra", "require"]

EXTRAS = {
    "local": ("a2wsgi", "certifi", "httpx", "scim2_server", "starlette", "trustme", "uvicorn"),
    "directory": ("orjson", "pyarrow"),
    "alerts": ("pulumi_azure_native",),
}
"""Top-level modules by the extra that installs them."""


class MissingExtraError(ReadableError):
    """A command needs packages of an extra that is not installed."""

    def __init__(self, extra: str, module: str) -> None:
        super().__init__(f"this needs {module}, which is not installed: run `pip install 'eptura-scim[{extra}]'`")


def require(extra: str) -> None:
    """Raises MissingExtraError where a module of the extra is not installed."""
    for module in EXTRAS[extra]:
        if find_spec(module) is None:
            raise MissingExtraError(extra, module)


def missing_extra(error: ModuleNotFoundError) -> MissingExtraError | None:
    """The readable form of a failed import, or None where the module belongs to no extra."""
    module = (error.name or "").partition(".")[0]
    return next((MissingExtraError(extra, module) for extra, names in EXTRAS.items() if module in names), None)
