"""Runs the component as a Pulumi program does, in this thread alone, so that a run takes the same steps each time.

What the program declares and what is not ordered by a dependency, an engine may do in any order: `order` chooses.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import selectors
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from random import Random
from typing import Any, Protocol

import grpc
from pulumi.runtime import mocks, rpc_manager
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import SETTINGS
from pulumi.runtime.stack import run_pulumi_func
from pulumi.runtime.sync_await import _ensure_event_loop

from eptura_scim.component import EpturaScimProvisioning
from eptura_scim.plugin_sdk.values import decode, encode
from eptura_scim.settings import Settings

__all__ = ["NAME", "PROJECT", "STACK", "Declared", "Program", "Registrar", "of_stack", "run"]

NAME, PROJECT, STACK = "eptura", "eptura-scim", "dev"
Program = Callable[[], object]
_STACK_TYPE = "pulumi:pulumi:Stack"


class Declared:
    """A resource as the program declares it."""

    def __init__(self, urn: str, request: Any) -> None:
        self.urn = urn
        self.type: str = request.type
        self.name: str = request.name
        self.custom: bool = request.custom
        self.inputs = decode(request.object)
        self.dependencies = frozenset(request.dependencies)
        self.ignore_changes = tuple(request.ignoreChanges)
        self.replace_on_changes = tuple(request.replaceOnChanges)
        self.delete_before_replace: bool = request.deleteBeforeReplace
        self.protect: bool = request.protect
        self.retain_on_delete: bool = request.retainOnDelete
        self.deleted_with: str = request.deletedWith
        self.import_id: str = request.importId
        self.parent: str = request.parent
        self.provider: str = request.provider
        self.providers: dict[str, str] = dict(request.providers)
        self.aliases = tuple(
            alias.urn if alias.WhichOneof("alias") == "urn" else _alias(urn, alias.spec) for alias in request.aliases
        )


class Registrar(Protocol):
    """What an engine does with what a program asks for."""

    preview: bool

    def register(self, declared: Declared) -> tuple[str, dict[str, Any]]:
        """Make, change or keep a resource; its id and outputs. Raises what ends the run."""

    def invoke(self, token: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Call a function. Raises what ends the run."""

    def read(self, kind: str, name: str) -> dict[str, Any]:
        """The outputs of a resource that the program reads and does not make."""

    def outputs(self, urn: str, values: dict[str, Any]) -> None:
        """Keep the outputs of a component."""

    def warn(self, text: str) -> None:
        """Show a warning of the program."""


class _Log(logging.Logger):
    """What the program says to the user."""

    def __init__(self, deployment: Registrar) -> None:
        super().__init__("program", logging.WARNING)
        self._deployment = deployment

    def handle(self, record: logging.LogRecord) -> None:
        if record.levelno == logging.WARNING:  # an error ends the run, and is told by its end
            self._deployment.warn(record.getMessage())


class _FailedCall(grpc.RpcError):  # type: ignore[misc]
    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return f"invocation returned an error: {self}"


class _Monitor(mocks.MockMonitor):
    def __init__(self, deployment: Registrar) -> None:
        super().__init__(None)  # type: ignore[arg-type]  # no mocks: both calls are answered here
        self._deployment = deployment

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  (the protocol's name)
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == _STACK_TYPE:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        _ensure_event_loop()  # type: ignore[no-untyped-call]
        made, outputs = self._deployment.register(Declared(urn, request))
        return resource_pb2.RegisterResourceResponse(urn=urn, id=made, object=encode(outputs))

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        found = self._deployment.read(request.type, request.name)
        urn = self.make_urn(request.parent, request.type, request.name)
        return resource_pb2.ReadResourceResponse(urn=urn, properties=encode(found))

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        self._deployment.outputs(request.urn, decode(request.outputs))
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        _ensure_event_loop()  # type: ignore[no-untyped-call]
        try:
            found = self._deployment.invoke(request.tok, decode(request.args))
        except Exception as error:
            raise _FailedCall(error) from error
        return resource_pb2.ResourceInvokeResponse(**{"return": encode(found)})


class _Waiting(ThreadPoolExecutor):
    """Calls that wait until the program has nothing else to do: no thread decides about their order."""

    def __init__(self, order: Random | None) -> None:
        super().__init__(1)
        self._order = order
        self._calls: list[tuple[Callable[[], Any], Future[Any]]] = []

    def submit(self, call: Callable[..., Any], /, *arguments: Any, **keywords: Any) -> Future[Any]:
        done: Future[Any] = Future()
        self._calls.append((partial(call, *arguments, **keywords), done))
        return done

    def run_one(self) -> bool:
        """Run one of the calls that wait; whether there was one."""
        if not self._calls:
            return False
        call, done = self._calls.pop(self._order.randrange(len(self._calls)) if self._order else 0)
        try:
            done.set_result(call())
        except BaseException as error:
            done.set_exception(error)
        return True


class _Selector(selectors.DefaultSelector):
    """Tells when a loop has nothing to do: then it asks for events and is ready to wait for them."""

    def __init__(self, waiting: _Waiting) -> None:
        super().__init__()
        self._waiting = waiting

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if (timeout is None or timeout > 0) and self._waiting.run_one():
            timeout = 0
        if timeout is None:
            raise RuntimeError("the program waits for what never comes")
        return super().select(timeout)


def run(declare: Program, deployment: Registrar, order: Random | None = None) -> None:
    """Run a program, which is one function, to its end. Raises what ended it early."""
    contextvars.copy_context().run(_run, declare, deployment, order)


def of_stack(settings: Settings) -> Program:
    """The project's program."""
    return lambda: EpturaScimProvisioning(NAME, settings)


def _run(declare: Program, deployment: Registrar, order: Random | None) -> None:
    waiting = _Waiting(order)
    loop = asyncio.SelectorEventLoop(_Selector(waiting))
    loop.set_default_executor(waiting)
    loop.set_exception_handler(lambda _loop, _context: None)  # a task that failed is told by the run itself
    asyncio.set_event_loop(loop)
    try:
        mocks.set_mocks(
            None,  # type: ignore[arg-type]
            project=PROJECT,
            stack=STACK,
            preview=deployment.preview,
            logger=_Log(deployment),
            monitor=_Monitor(deployment),
        )
        SETTINGS.rpc_manager = rpc_manager.RPCManager()  # type: ignore[no-untyped-call]
        SETTINGS.outputs.clear()  # of a run that ended early
        loop.run_until_complete(run_pulumi_func(lambda: _only(declare)))
    finally:
        for task in (left := asyncio.all_tasks(loop)):
            task.cancel()  # of a run that ended early
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        asyncio.set_event_loop(None)
        loop.close()


def _only(declare: Program) -> None:
    declare()


def _alias(urn: str, spec: Any) -> str:
    """The URN that an alias of the same parent names."""
    head, kinds, name = urn.rsplit("::", 2)
    parent, mark, kind = kinds.rpartition("$")
    return "::".join([head, f"{parent}{mark}{spec.type or kind}", spec.name or name])
