"""What the Pulumi engine does with a program, one step after the other: refresh, check, diff, create, update, delete.

Source: Pulumi, "How Pulumi works"; the engine's step generator. Steps that no dependency orders are taken in the order
in which they come, or shuffled (`RunFlags.seed`); deletions come last and in reverse.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, TypeVar

from pulumi.runtime import rpc as wire_values
from pulumi.runtime.proto import provider_pb2 as rpc

from eptura_scim.errors import ReadableError
from eptura_scim.plugin_sdk.difference import is_ignored, segments
from eptura_scim.plugin_sdk.errors import PartlyCreatedError
from eptura_scim.plugin_sdk.messages import Messages
from eptura_scim.plugin_sdk.provider import ResourceProvider
from eptura_scim.plugin_sdk.values import decode, encode
from tests.outcomes import program
from tests.outcomes.program import Declared, Program
from tests.outcomes.wire import KilledError

__all__ = ["OutcomeEngine", "Plugins", "Record", "Run", "RunFlags"]

T = TypeVar("T")
Plugins = Callable[[], Awaitable[dict[str, ResourceProvider]]]
"""Starts the plugins of one run, by package."""


@dataclass(frozen=True)
class Record:
    """A resource in the state."""

    urn: str
    type: str
    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    protect: bool
    retained: bool = False
    ignored: tuple[str, ...] = ()
    dependencies: frozenset[str] = frozenset()


@dataclass(frozen=True)
class RunFlags:
    """Flags of a run."""

    refresh: bool = True
    target: str | tuple[str, ...] = ""
    """Only resources whose type ends so are read, created, changed or deleted."""
    target_dependents: bool = False
    """Resources that depend on a target are targets as well."""
    replace: str = ""
    """Resources whose type ends so are replaced, although nothing of them differs."""
    preview: bool = False
    seed: int | None = None
    """Shuffles the steps that no dependency orders."""


@dataclass
class Run:
    """What came of a run."""

    changes: list[str] = field(default_factory=list)
    """`create`, `update`, `replace` or `delete`, and the resource's kind, in the order of the steps."""
    warnings: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    error: str = ""
    """What ended it early."""
    killed: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether it came to its end."""
        return not self.error and not self.killed

    @property
    def clean(self) -> bool:
        """Whether there was nothing to do."""
        return self.succeeded and not self.changes


class _EndedError(Exception):
    """A step failed: nothing follows."""


class OutcomeEngine:
    """One stack: its state, and what is done to it. `loop` runs the plugins, in a thread of its own."""

    def __init__(self, loop: asyncio.AbstractEventLoop, plugins: Plugins) -> None:
        self.state: list[Record] = []
        self._loop = loop
        self._plugins = plugins

    def up(self, declare: Program, options: RunFlags | None = None) -> Run:
        """`pulumi up`, or `pulumi preview`, of a program."""
        return _Deployment(self, options or RunFlags(), self._loop).up(declare, self._plugins)

    def refresh(self) -> Run:
        """`pulumi refresh`."""
        return _Deployment(self, RunFlags(), self._loop).refresh(self._plugins)

    def destroy(self, options: RunFlags | None = None) -> Run:
        """`pulumi destroy`."""
        return _Deployment(self, options or RunFlags(), self._loop).destroy(self._plugins)


class _Recorder(Messages):
    """Keeps what the plugins say."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self._run = run

    async def info(self, urn: str, text: str) -> None:
        self._run.lines.append(text)

    async def warning(self, urn: str, text: str) -> None:
        self._run.warnings.append(text)


class _Deployment:
    """One run of the engine."""

    def __init__(self, engine: OutcomeEngine, options: RunFlags, loop: asyncio.AbstractEventLoop) -> None:
        self.preview = options.preview
        self.run = Run()
        self._engine = engine
        self._options = options
        self._loop = loop
        self._state = {record.urn: record for record in engine.state}
        self._replaced: list[Record] = []
        self._registered: set[str] = set()
        self._skipped: set[str] = set()
        self._targets: set[str] = set()
        self._providers: dict[str, ResourceProvider] = {}

    def up(self, declare: Program, plugins: Plugins) -> Run:
        def steps() -> None:
            seed = self._options.seed
            program.run(declare, self, None if seed is None else Random(seed))
            self._delete([record for record in self._state.values() if record.urn not in self._registered])

        return self._whole(steps, plugins)

    def refresh(self, plugins: Plugins) -> Run:
        return self._whole(lambda: None, plugins)

    def destroy(self, plugins: Plugins) -> Run:
        """Of targets: with what depends on them, as the engine demands it."""
        return self._whole(lambda: self._delete(list(self._state.values())), plugins)

    def _whole(self, steps: Callable[[], None], plugins: Plugins) -> Run:
        try:
            self._providers = self._wait(plugins())
            for provider in self._providers.values():
                provider.messages = _Recorder(self.run)
            if self._options.refresh:
                self._refresh()
            steps()
        except Exception as error:  # the program's own errors too: what ends a run is told, whatever it is
            if not self.run.killed:
                self.run.error = self.run.error or str(error) or type(error).__name__
        finally:
            for provider in self._providers.values():
                self._loop_call(provider.cancel())
        return self.run

    # Steps

    def _refresh(self) -> None:
        for record in list(self._state.values()):
            if not self._is_target(record.urn, record.type, record.dependencies):
                continue
            request = rpc.ReadRequest(
                urn=record.urn, id=record.id, properties=encode(record.outputs), inputs=encode(record.inputs)
            )
            found = self._step(self._provider(record.type).read(request))
            if not found.id:
                self._forget(record)
                continue
            live = replace(record, inputs=decode(found.inputs), outputs=decode(found.properties))
            self._keep(live)

    def register(self, declared: Declared) -> tuple[str, dict[str, Any]]:
        """Bring one resource of the program about."""
        if self.run.error or self.run.killed:
            raise _EndedError
        if not declared.custom:
            return "", {}
        self._registered.add(declared.urn)
        old = self._old(declared)
        if not self._is_target(declared.urn, declared.type, declared.dependencies):
            if old is None:
                self._skipped.add(declared.urn)
                return "", {}
            return old.id, old.outputs
        if missing := sorted(declared.dependencies & self._skipped):
            self._fail(f"{missing[0]} is not a target and does not exist")
        if declared.import_id and (old is None or old.id != declared.import_id):
            old = self._imported(declared, old)
        made = self._keep(replace(self._brought_about(declared, old), dependencies=declared.dependencies))
        return made.id, made.outputs

    def invoke(self, token: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Call a function of a plugin."""
        if self.run.error or self.run.killed:
            raise _EndedError
        answer = self._wait(self._provider(token).invoke(rpc.InvokeRequest(tok=token, args=encode(arguments))))
        return decode(getattr(answer, "return"))

    def read(self, kind: str, name: str) -> dict[str, Any]:
        """The project's program reads no resources."""
        raise NotImplementedError(f"{kind} {name}")

    def outputs(self, urn: str, values: dict[str, Any]) -> None:
        """The outputs of a component are not an engine's to change."""

    def warn(self, text: str) -> None:
        """Keep a warning of the program."""
        self.run.warnings.append(text)

    def _brought_about(self, declared: Declared, old: Record | None) -> Record:
        provider = self._provider(declared.type)
        inputs = dict(declared.inputs)
        for name in declared.ignore_changes if old else ():
            inputs.pop(name, None)
            if old and name in old.inputs:
                inputs[name] = old.inputs[name]
        request = rpc.CheckRequest(urn=declared.urn, olds=encode(old.inputs if old else {}), news=encode(inputs))
        checked = self._step(provider.check(request))
        if checked.failures:
            self._fail("; ".join(f"{failure.property}: {failure.reason}" for failure in checked.failures))
        inputs = decode(checked.inputs)
        if old is None:
            return self._created(declared, inputs, "create")
        ignored = list(declared.ignore_changes)
        asked = rpc.DiffRequest(
            urn=declared.urn, id=old.id, olds=encode(old.outputs), news=encode(inputs), ignoreChanges=ignored
        )
        found = self._step(provider.diff(asked))
        if self._options.replace and declared.type.endswith(self._options.replace):
            # The engine decides this by itself: whether a provider deletes first is not asked.
            found = rpc.DiffResponse(changes=rpc.DiffResponse.DIFF_SOME, replaces=["id"])
        if any(is_ignored(tuple(segments(path)), declared.replace_on_changes) for path in found.detailedDiff):
            found.replaces.append("id")
        kept = replace(old, protect=declared.protect, retained=declared.retain_on_delete)
        if found.changes == rpc.DiffResponse.DIFF_NONE:
            return self._keep(replace(kept, inputs=inputs))
        if not found.replaces:
            return self._updated(declared, kept, inputs)
        if declared.import_id:
            self._fail("previously-imported resources that still specify an ID may not be replaced")
        if old.protect:
            self._fail(f"unable to replace resource {declared.urn}: it is protected")
        if declared.delete_before_replace or found.deleteBeforeReplace:
            self._delete([old])
        else:
            self._replaced.append(old)
        return self._created(declared, inputs, "replace")

    def _imported(self, declared: Declared, old: Record | None) -> Record:
        """What the program's `import_` names, in the place of what the state had."""
        self._changed("import", declared.type)
        read = rpc.ReadRequest(urn=declared.urn, id=declared.import_id)
        found = self._step(self._provider(declared.type).read(read))
        checked = rpc.CheckRequest(urn=declared.urn, olds=found.inputs, news=found.inputs)
        self._step(self._provider(declared.type).check(checked))
        if old is not None:
            self._replaced.append(old)
        inputs, outputs = decode(found.inputs), decode(found.properties)
        return self._keep(Record(declared.urn, declared.type, found.id, inputs, outputs, declared.protect))

    def _created(self, declared: Declared, inputs: dict[str, Any], kind: str) -> Record:
        self._changed(kind, declared.type)
        record = Record(
            declared.urn, declared.type, "", inputs, {}, declared.protect, declared.retain_on_delete,
            declared.ignore_changes,
        )  # fmt: skip
        request = rpc.CreateRequest(urn=declared.urn, properties=encode(inputs), preview=self.preview)
        try:
            made = self._wait(self._provider(declared.type).create(request))
        except PartlyCreatedError as error:
            self._keep(replace(record, id=error.id, outputs=error.outputs))
            self._fail(str(error))
            raise
        except Exception as error:
            self._fail(_told(error))
            raise
        outputs = decode(made.properties)
        return self._keep(replace(record, id=made.id or wire_values.UNKNOWN, outputs=outputs))

    def _updated(self, declared: Declared, old: Record, inputs: dict[str, Any]) -> Record:
        self._changed("update", declared.type)
        request = rpc.UpdateRequest(
            urn=declared.urn,
            id=old.id,
            olds=encode(old.outputs),
            news=encode(inputs),
            ignoreChanges=declared.ignore_changes,
            preview=self.preview,
        )
        answer = self._step(self._provider(declared.type).update(request))
        return self._keep(replace(old, inputs=inputs, outputs=decode(answer.properties)))

    def _delete(self, records: list[Record]) -> None:
        records = [record for record in records if self._is_target(record.urn, record.type, record.dependencies)]
        for record in [*reversed(self._replaced), *reversed(records)]:
            if record.protect:
                self._fail(f"{record.urn} cannot be deleted: it is protected")
        for record in [*reversed(self._replaced), *reversed(records)]:
            if record not in self._replaced:
                self._changed("delete", record.type)
            if not self.preview and not record.retained:
                request = rpc.DeleteRequest(urn=record.urn, id=record.id, properties=encode(record.outputs))
                self._step(self._provider(record.type).delete(request))
            if record not in self._replaced:
                self._forget(record)
        self._replaced.clear()

    # Inside

    def _is_target(self, urn: str, kind: str, dependencies: frozenset[str]) -> bool:
        """What depends on a target comes after it, in a program and in a state."""
        options = self._options
        is_dependent = options.target_dependents and not dependencies.isdisjoint(self._targets)
        if options.target and not kind.endswith(options.target) and not is_dependent:
            return False
        self._targets.add(urn)
        return True

    def _old(self, declared: Declared) -> Record | None:
        for urn in (declared.urn, *declared.aliases):
            if urn in self._state:
                old = self._state.pop(urn)
                self._state[declared.urn] = moved = replace(old, urn=declared.urn, type=declared.type)
                self._save()
                return moved
        return None

    def _provider(self, token: str) -> ResourceProvider:
        return self._providers[token.partition(":")[0]]

    def _changed(self, kind: str, token: str) -> None:
        self.run.changes.append(f"{kind} {token.rpartition(':')[2]}")

    def _keep(self, record: Record) -> Record:
        self._state[record.urn] = record
        self._save()
        return record

    def _forget(self, record: Record) -> None:
        self._state.pop(record.urn, None)
        self._save()

    def _save(self) -> None:
        if not self.preview:
            self._engine.state = list(self._state.values())

    def _step(self, work: Awaitable[T]) -> T:
        try:
            return self._wait(work)
        except Exception as error:
            self._fail(_told(error))
            raise

    def _wait(self, work: Awaitable[T]) -> T:
        try:
            return self._loop_call(work)
        except KilledError:
            self.run.killed = True
            raise _EndedError from None  # a program's runtime expects errors of this kind

    def _loop_call(self, work: Awaitable[T]) -> T:
        async def done() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(done(), self._loop).result()

    def _fail(self, why: str) -> None:
        self.run.error = self.run.error or why
        raise _EndedError(why)


def _told(error: Exception) -> str:
    if not isinstance(error, ReadableError):
        raise error
    return str(error)
