"""A provider of one resource, as small as one can be: `python sample_plugin.py ENGINE_ADDRESS` serves it."""

from __future__ import annotations

import asyncio
import threading
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from eptura_scim.plugin_sdk.errors import PartlyCreatedError, ResourceError
from eptura_scim.plugin_sdk.provider import ResourceProvider
from eptura_scim.plugin_sdk.resource import Created, Inputs, Resource
from eptura_scim.plugin_sdk.server import serve

SECRET = "hunter2"

_doubled = threading.Event()


def _not_reserved(text: str) -> str:
    if text == "reserved":
        raise ValueError("is reserved")
    return text


class Part(Inputs):
    """A part of a thing."""

    size: Annotated[int, Field(ge=0)]
    """How large it is."""


class ThingInputs(Inputs):
    """What makes a thing."""

    display_name: Annotated[str, AfterValidator(_not_reserved)] = Field(description="What people call it.")
    kind: str = "plain"
    count: int | None = None
    parts: dict[str, Part] = Field(default_factory=dict)
    tags: list[str] = Field(default_factory=list)
    token: Annotated[str | None, Field(json_schema_extra={"writeOnly": True})] = None


class Thing(Resource[ThingInputs]):
    """A thing."""

    inputs = ThingInputs
    replace_on = frozenset({"kind"})

    def preprocess_inputs(self, urn: str, new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
        if new.get("displayName") == "patient":
            _doubled.wait(60)
        return {name: value for name, value in new.items() if name != "token"}

    def equivalent(self, path: tuple[str | int, ...], old: Any, new: Any) -> bool:
        return bool(str(old).casefold() == str(new).casefold()) if path == ("displayName",) else bool(old == new)

    async def create(self, urn: str, inputs: ThingInputs) -> Created:
        if inputs.display_name == "refused":
            raise ResourceError("the thing was refused: choose another name")
        if inputs.display_name == "half":
            raise PartlyCreatedError("the thing has no parts yet", "/things/half", {"size": 0})
        if inputs.display_name == "broken":
            raise ValueError(f"the password is {SECRET}")
        return Created(f"/things/{inputs.display_name}", {"size": len(inputs.parts)})

    async def read(self, resource_id: str, last_inputs: dict[str, Any]) -> tuple[ThingInputs, dict[str, Any]] | None:
        name = resource_id.removeprefix("/things/")
        return None if name == "gone" else (ThingInputs.model_construct(display_name=name), {"size": 0})

    async def update(self, urn: str, resource_id: str, old: dict[str, Any], new: ThingInputs) -> dict[str, Any]:
        if new.display_name == "endless":
            await asyncio.Event().wait()
        return {"size": len(new.parts)}

    async def delete(self, resource_id: str, old: dict[str, Any]) -> None:
        if resource_id == "/things/kept":
            raise ResourceError("the thing is in use")


class BridgedThing(Thing):
    """A thing of which only those inputs are compared that the program sets."""

    ignore_unset_inputs = True
    unset_means_empty = frozenset({"tags"})
    computed = frozenset({"size"})

    async def update(self, urn: str, resource_id: str, old: dict[str, Any], new: ThingInputs) -> dict[str, Any]:
        return {"tags": new.tags}


async def double(args: dict[str, Any]) -> dict[str, Any]:
    """Twice a number."""
    _doubled.set()
    return {"value": args["value"] * 2}


def provider() -> ResourceProvider:
    """The provider, in this process."""
    return ResourceProvider(
        {"name": "sample", "version": "1.2.3", "description": "A sample."},
        {"sample:index:Thing": f"{__name__}:Thing", "sample:index:BridgedThing": f"{__name__}:BridgedThing"},
        {"sample:index:double": f"{__name__}:double"},
    )


if __name__ == "__main__":
    serve(provider(), "1.2.3")
