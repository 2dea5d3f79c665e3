"""The adapter from Pulumi's plugin protocol to resources. Every workaround for the engine is here.

Resources are named by the module that holds them and imported when the first request for one arrives: a plugin answers
its first call before it has loaded pydantic or an HTTP client.
"""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from google.protobuf import empty_pb2

from eptura_scim.errors import ReadableError
from eptura_scim.plugin_sdk.difference import is_ignored, render
from eptura_scim.plugin_sdk.errors import PartlyCreatedError, PluginError, ResourceError
from eptura_scim.plugin_sdk.messages import Messages, diff_lines, set_current_urn
from eptura_scim.plugin_sdk.protocol import provider_pb2 as rpc
from eptura_scim.plugin_sdk.requests import Requests
from eptura_scim.plugin_sdk.values import UNKNOWN, contains_unknown, decode, encode

if TYPE_CHECKING:
    from eptura_scim.plugin_sdk.resource import Resource

__all__ = ["Invoke", "ResourceProvider"]

Invoke = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]

_KINDS = {
    ("add", False): rpc.PropertyDiff.ADD,
    ("add", True): rpc.PropertyDiff.ADD_REPLACE,
    ("delete", False): rpc.PropertyDiff.DELETE,
    ("delete", True): rpc.PropertyDiff.DELETE_REPLACE,
    ("update", False): rpc.PropertyDiff.UPDATE,
    ("update", True): rpc.PropertyDiff.UPDATE_REPLACE,
}

_OF_THE_ENGINE = frozenset({"version", "pluginDownloadURL"})
_NOT_USED = "is not used by this provider, which reads the environment: set ARM_* variables there, and remove this"


class ResourceProvider:
    """Serves the resources of one package.

    `resources` maps a type token to `module:Class`, `invokes` a function token to `module:function`.
    `package` gives name, version and description for the package schema.
    """

    def __init__(
        self,
        package: Mapping[str, str],
        resources: Mapping[str, str],
        invokes: Mapping[str, str] | None = None,
    ) -> None:
        self._package = package
        self._names = resources
        self._invokes = invokes or {}
        self._loaded: dict[str, Resource[Any]] = {}
        self._declared: set[str] = set()
        self._imported: dict[str, dict[str, Any]] = {}
        self.messages = Messages()
        self.requests = Requests()

    def _resource(self, token: str) -> Resource[Any]:
        if token not in self._names:
            raise ResourceError(f"{token} is not a resource of {self._package['name']}: {', '.join(self._names)}")
        if token not in self._loaded:
            self._loaded[token] = _load(self._names[token])()
        return self._loaded[token]

    def _asked_of(self, request: Any) -> Resource[Any]:
        """The resource of a request. Messages from here on are about its URN."""
        set_current_urn(self.messages, request.urn)
        return self._resource(_part(request.urn, 2).rpartition("$")[2])  # a child's type reads parent$child

    async def get_schema(self, request: rpc.GetSchemaRequest) -> rpc.GetSchemaResponse:
        """The package schema, made from the models."""
        from eptura_scim.plugin_sdk.schema import package_schema

        schema = package_schema(self._package, {token: self._resource(token) for token in self._names})
        return rpc.GetSchemaResponse(schema=json.dumps(schema))

    async def check_config(self, request: rpc.CheckRequest) -> rpc.CheckResponse:
        """Refuse each setting: the environment configures these resources, and the state would keep what is given."""
        given = sorted(set(request.news.fields) - _OF_THE_ENGINE)
        if _part(request.urn, 1) == self._package["name"]:  # the engine hands a project's own settings on by that name
            given = []
        # Without a property: the engine would print its value.
        failures = [rpc.CheckFailure(reason=f"{name} {_NOT_USED}") for name in given]
        return rpc.CheckResponse(inputs=encode({}), failures=failures)

    async def diff_config(self, request: rpc.DiffRequest) -> rpc.DiffResponse:
        """A change of configuration never replaces resources."""
        return rpc.DiffResponse(changes=rpc.DiffResponse.DIFF_NONE, hasDetailedDiff=True)

    async def configure(self, request: rpc.ConfigureRequest) -> rpc.ConfigureResponse:
        """Secrets are the engine's to track (see `values`)."""
        return rpc.ConfigureResponse(acceptSecrets=False, supportsPreview=True)

    async def check(self, request: rpc.CheckRequest) -> rpc.CheckResponse:
        """Validate inputs: all failures at once."""
        from eptura_scim.plugin_sdk.validation import check

        resource = self._asked_of(request)
        new = decode(request.news)
        # The engine has what an import read checked, and reports a live value that a program may not declare as a bug.
        if new == self._imported.pop(request.urn, None):
            return rpc.CheckResponse(inputs=request.news)
        self._declared.add(request.urn)
        # In a thread: to keep a secret out of the state takes computing that other requests need not wait for.
        taken = await asyncio.to_thread(resource.preprocess_inputs, request.urn, new, decode(request.olds))
        checked = check(resource.inputs, taken)
        found: list[tuple[str, str]] = [*checked.failures]
        if not found:
            found = await resource.problems(request.urn, decode(request.olds), checked.inputs)
        failures = [rpc.CheckFailure(property=path, reason=reason) for path, reason in found]
        return rpc.CheckResponse(inputs=encode(checked.inputs), failures=failures)

    async def diff(self, request: rpc.DiffRequest) -> rpc.DiffResponse:
        """Compare the last state's inputs with the new ones, attribute by attribute."""
        resource = self._asked_of(request)
        new = decode(request.news)
        names = {field.alias for field in resource.inputs.model_fields.values()}
        compared = set(new) if resource.ignore_unset_inputs else names
        state = decode(request.olds)
        emptied = {name for name in resource.unset_means_empty if state.get(name)}
        old = {name: value for name, value in state.items() if name in compared | emptied}
        found = resource.differences(old, new)
        # At a refresh the engine leaves ignoreChanges to the provider; maps arrive in any order.
        found = sorted(
            (path, kind)
            for path, kind in found
            if not (is_ignored(path, request.ignoreChanges) and resource.can_be_ignored(path, old, new))
        )
        # A refresh asks for differences as well, against inputs that the program may have changed since: only what
        # the program declares is told, and the program's inputs were checked just before.
        if request.urn in self._declared:
            self._declared.discard(request.urn)
            for line in diff_lines(old, new, found, resource.digests):
                await self.messages.info(request.urn, line)
            for warning in await resource.change_warnings(old, new, [path for path, _ in found]):
                await self.messages.warning(request.urn, warning)
        return rpc.DiffResponse(
            changes=rpc.DiffResponse.DIFF_SOME if found else rpc.DiffResponse.DIFF_NONE,
            replaces=sorted({str(path[0]) for path, _ in found if path[0] in resource.replace_on}),
            deleteBeforeReplace=resource.delete_before_replace,
            diffs=sorted({str(path[0]) for path, _ in found}),
            detailedDiff={
                render(path): rpc.PropertyDiff(kind=_KINDS[kind, path[0] in resource.replace_on], inputDiff=True)
                for path, kind in found
            },
            hasDetailedDiff=True,
        )

    async def create(self, request: rpc.CreateRequest) -> rpc.CreateResponse:
        """On preview the id stays empty: an invented one would reach dependents as a known value."""
        resource = self._asked_of(request)
        values = decode(request.properties)
        if request.preview or contains_unknown(values):
            return rpc.CreateResponse(id="", properties=encode({**dict.fromkeys(resource.computed, UNKNOWN), **values}))
        try:
            made = await resource.create(request.urn, _valid(resource, values))
        except PartlyCreatedError as error:
            error.outputs = {**values, **error.outputs}
            raise
        except ReadableError as error:
            await _explain(resource, error, "", values)
            raise
        return rpc.CreateResponse(id=made.id, properties=encode({**values, **made.outputs}))

    async def read(self, request: rpc.ReadRequest) -> rpc.ReadResponse:
        """The live state as inputs, so that a refresh shows what differs; an empty id means gone."""
        from eptura_scim.plugin_sdk.validation import dump

        resource = self._asked_of(request)
        kept = {name: value for name, value in decode(request.properties).items() if name in resource.kept_outputs}
        found = await resource.read(request.id, {**decode(request.inputs), **kept})
        imported = not request.inputs.fields and not request.properties.fields
        if found is None and imported:  # the engine would import nothing at all
            raise ResourceError(f"object {request.id!r} not found: check the object ids")
        if found is None:
            return rpc.ReadResponse()
        inputs, outputs = found
        values = dump(inputs)
        if imported:
            self._imported[request.urn] = values
        return rpc.ReadResponse(
            id=request.id,
            properties=encode({**kept, **values, **outputs}),
            inputs=encode(values),
        )

    async def update(self, request: rpc.UpdateRequest) -> rpc.UpdateResponse:
        """Converge the object onto the new inputs."""
        resource = self._asked_of(request)
        values, old = decode(request.news), decode(request.olds)
        if request.preview:
            names = {field.alias for field in resource.inputs.model_fields.values()}
            outputs = {name: value for name, value in old.items() if name not in names}
        else:
            kept = {name: old[name] for name in resource.unset_means_empty.intersection(request.ignoreChanges, old)}
            wanted = _valid(resource, {**kept, **values})
            try:
                outputs = await resource.update(request.urn, request.id, old, wanted)
            except ReadableError as error:
                await _explain(resource, error, request.id, values)
                raise
        return rpc.UpdateResponse(properties=encode({**values, **outputs}))

    async def delete(self, request: rpc.DeleteRequest) -> empty_pb2.Empty:
        """Remove the object, unless the program declares it in this run."""
        resource, old = self._asked_of(request), decode(request.properties)
        if not resource.is_declared(request.id, old):
            await resource.delete(request.id, old)
        return empty_pb2.Empty()

    async def invoke(self, request: rpc.InvokeRequest) -> rpc.InvokeResponse:
        """Call a function of the package. Raises PluginError."""
        if request.tok not in self._invokes:
            raise PluginError(f"{request.tok} is not a function of {self._package['name']}")
        result = await _load(self._invokes[request.tok])(decode(request.args))
        return rpc.InvokeResponse(**{"return": encode(result)})  # `return` is a keyword of Python

    async def cancel(self) -> None:
        """End what runs: the engine waits for it before it stops this process."""
        self.requests.interrupt()


async def _explain(resource: Resource[Any], error: ReadableError, resource_id: str, values: dict[str, Any]) -> None:
    """Raises ResourceError where the resource knows more of a failure than its error says."""
    if said := await resource.explanation(error, resource_id, values):
        raise ResourceError(said) from error


def _valid(resource: Resource[Any], values: dict[str, Any]) -> Any:
    """The model of the inputs. They are validated again, for an engine that did not call Check before."""
    from pydantic import ValidationError

    from eptura_scim.plugin_sdk.validation import check

    try:
        return resource.inputs.model_validate(values)
    except ValidationError as error:
        wrong = "; ".join(f"{path} {reason}" for path, reason in check(resource.inputs, values).failures)
        raise ResourceError(wrong or "inputs are not known yet") from error


def _part(urn: str, number: int) -> str:
    """A part of `urn:pulumi:stack::project::type::name`, from 0; empty where the URN has no such part."""
    return next(iter(urn.split("::")[number:]), "")


def _load(reference: str) -> Any:
    module, _, name = reference.partition(":")
    return getattr(importlib.import_module(module), name)
