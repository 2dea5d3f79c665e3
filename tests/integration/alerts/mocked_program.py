"""A Pulumi program on the SDK's own mocks: what it declares, on the real types of pulumi-azure-native."""

from __future__ import annotations

import contextvars
import logging
from collections.abc import Callable, Mapping
from typing import Any

import grpc
import pulumi
from pulumi.runtime import mocks, rpc_manager
from pulumi.runtime.config import CONFIG
from pulumi.runtime.settings import SETTINGS
from pulumi.runtime.stack import run_pulumi_func

from tests.unit.program_loop import program_loop

__all__ = ["SUBSCRIPTION", "Declared", "declared_by"]

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"


class Declared:
    """A resource as the program declares it."""

    def __init__(self, request: Any, inputs: Mapping[str, Any]) -> None:
        self.type: str = request.type
        self.name: str = request.name
        self.inputs = inputs
        self.import_id: str = request.importId
        self.retained: bool = request.retainOnDelete
        self.dependencies = tuple(request.dependencies)


class _RefusedError(grpc.RpcError):  # type: ignore[misc]
    """An invoke that the plugin answers with an error, as the engine passes it on."""

    def __init__(self, token: str, text: str) -> None:
        self._details = f"invocation of {token} returned an error: {text}"

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return self._details


class _Azure(mocks.Mocks):
    """Answers as azure-native: ids of Azure, and a tenant with some diagnostic settings."""

    def __init__(self, diagnostic_settings: Mapping[str, Any], refusal: str) -> None:
        self._settings = diagnostic_settings
        self._refusal = refusal

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        if not args.custom:
            return None, dict(args.inputs)
        group = args.inputs.get("resourceGroupName", "none")
        kind = args.typ.rpartition(":")[2]
        return f"{SUBSCRIPTION}/resourceGroups/{group}/providers/{kind}/{args.name}", dict(args.inputs)

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        assert args.token == "azure-native:aadiam:getDiagnosticSetting"
        if self._refusal:
            raise _RefusedError(args.token, self._refusal)
        if args.args["name"] not in self._settings:
            raise _RefusedError(args.token, "RESPONSE 404: ERROR CODE: ResourceNotFound")
        found = self._settings[args.args["name"]]
        return {"id": f"/providers/microsoft.aadiam/{args.args['name']}", **found}, []


class _Monitor(mocks.MockMonitor):
    """Keeps what is declared, options too."""

    def __init__(self, azure: _Azure) -> None:
        super().__init__(azure)
        self.declared: list[Declared] = []

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 (the SDK's name)
        answer = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        if request.type != "pulumi:pulumi:Stack":
            self.declared.append(Declared(request, self.resources[answer.urn].state))
        return answer


def declared_by(
    program: Callable[[], object],
    *,
    diagnostic_settings: Mapping[str, Any] | None = None,
    refusal: str = "",
    config: Mapping[str, str] | None = None,
    secret_config: Mapping[str, str] | None = None,
) -> list[Declared]:
    """What a program declares, in its order. Raises what ends the program.

    `diagnostic_settings` are those of the tenant, by name. With a `refusal`, reading them fails with that text.
    """
    monitor = _Monitor(_Azure(diagnostic_settings or {}, refusal))
    contextvars.copy_context().run(_run, program, monitor, dict(config or {}), dict(secret_config or {}))
    return monitor.declared


def _run(
    program: Callable[[], object], monitor: _Monitor, config: dict[str, str], secret_config: dict[str, str]
) -> None:
    def declare() -> None:
        program()

    logger = logging.getLogger("mocked program")
    logger.setLevel(logging.CRITICAL)
    before = dict(CONFIG.get())
    with program_loop() as loop:
        try:
            mocks.set_mocks(
                monitor.mocks, project="eptura", stack="prod", preview=False, logger=logger, monitor=monitor
            )
            SETTINGS.rpc_manager = rpc_manager.RPCManager()  # type: ignore[no-untyped-call]
            pulumi.runtime.set_all_config({**config, **secret_config}, list(secret_config))
            loop.run_until_complete(run_pulumi_func(declare))
        finally:
            pulumi.runtime.set_all_config(before)
            SETTINGS.outputs.clear()  # a run that ended early leaves its tasks
