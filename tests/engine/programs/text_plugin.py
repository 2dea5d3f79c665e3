"""A provider of one resource, whose output a preview does not know: what a program makes beside the component."""

from __future__ import annotations

from typing import Any

from eptura_scim.plugin_sdk.provider import ResourceProvider
from eptura_scim.plugin_sdk.resource import Created, Inputs, Resource
from eptura_scim.plugin_sdk.server import serve

VERSION = "1.0.0"


class TextInputs(Inputs):
    """A text that the program gives."""

    text: str


class Text(Resource[TextInputs]):
    """Shows a text once it is made."""

    inputs = TextInputs
    computed = frozenset({"shown"})

    async def create(self, urn: str, inputs: TextInputs) -> Created:
        """Show the text."""
        return Created("text", {"shown": inputs.text})

    async def read(self, resource_id: str, last_inputs: dict[str, Any]) -> tuple[TextInputs, dict[str, Any]] | None:
        """As it was made."""
        inputs = TextInputs.model_validate(last_inputs)
        return inputs, {"shown": inputs.text}

    async def update(self, urn: str, resource_id: str, old: dict[str, Any], new: TextInputs) -> dict[str, Any]:
        """Show another text."""
        return {"shown": new.text}

    async def delete(self, resource_id: str, old: dict[str, Any]) -> None:
        """Nothing is kept."""


def main() -> None:
    """Serve it to the engine that started this process."""
    package = {"name": "text", "version": VERSION, "description": "Texts."}
    serve(ResourceProvider(package, {"text:index:Text": "tests.engine.programs.text_plugin:Text"}), VERSION)


if __name__ == "__main__":
    main()
