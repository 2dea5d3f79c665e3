"""The demo: the main job on real parts, every step checked against what the engine and the local Entra report."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from eptura_scim.cli.demo import people
from eptura_scim.cli.demo.portal_edits import EDITS, DemoEdit, expected_drift
from eptura_scim.documented import USERS
from eptura_scim.errors import ReadableError
from eptura_scim.quantities import counted

if TYPE_CHECKING:
    from eptura_scim.engine import Deployment, Outcome
    from eptura_scim.local_entra import LocalEntra

__all__ = ["DemoFailedError", "run"]

_RESOURCES = {
    "EpturaScimProvisioning",
    "ApplicationFromTemplate",
    "ServicePrincipal",
    "EnterpriseApplicationName",
    "SynchronizationJob",
    "SynchronizationSecrets",
    "SynchronizationSchema",
    "SynchronizationJobState",
}


class DemoFailedError(ReadableError):
    """A step of the demo came out otherwise than it has to."""


def run(project: Path, console: Console | None = None, edits: Sequence[DemoEdit] = EDITS) -> None:
    """Run the demo. Raises DemoFailedError at the first step with a wrong result."""
    console = console or Console(highlight=False, markup=False, soft_wrap=True)
    began = time.monotonic()

    from eptura_scim.engine import ConfigValue, Deployment, azuread_plugin, find_engine, plugin_folders
    from eptura_scim.engine.project import project_folder
    from eptura_scim.local_entra import LocalEntra

    project = project_folder(project)
    engine = find_engine(console.print)
    azuread = azuread_plugin(engine, console.print)
    with tempfile.TemporaryDirectory(prefix="eptura-scim-demo-") as folder, LocalEntra.start() as entra:
        home = Path(folder)
        console.print(f"Pulumi engine {engine.version}; local Entra at {entra.url}")
        deployment = Deployment.open(
            project,
            "dev",
            home,
            engine=engine,
            plugins=plugin_folders(home, azuread),
            environment=entra.environment,
            config={
                "tenantUrl": entra.scim.url,
                "secretToken": ConfigValue(entra.scim.token, secret=True),
            },
            on_output=lambda line: console.print(Text(f"  {line}")),
        )
        demo = _Demo(console, entra, deployment, edits)
        demo.run()
        console.print()
        console.print(
            f"All {demo.steps} steps gave the expected result. "
            f"Microsoft Graph: {demo.reads} reads, {demo.writes} writes. {time.monotonic() - began:.0f} s",
            style="bold",
        )


class _Demo:
    """The steps, in order; counts what they ask of Graph."""

    def __init__(self, console: Console, entra: LocalEntra, deployment: Deployment, edits: Sequence[DemoEdit]) -> None:
        self._console = console
        self._entra = entra
        self._deployment = deployment
        self._edits = edits
        self._arrived: set[str] = set()
        self.steps = self.reads = self.writes = 0

    def run(self) -> None:
        self._step("pulumi preview: what would be created")
        planned = self._deployment.preview()
        self._same("resources to create", _RESOURCES, set(planned.drift))
        self._count(writes=False)

        self._step("pulumi up: the connection is tested and saved, mappings are written, provisioning starts last")
        self._same("resources created", _RESOURCES, set(self._deployment.up().drift))
        self._same("order of the writes", ["test", "secrets", "schema", "start"], _order(self._entra))
        self._count()

        self._step("pulumi preview again: nothing to do")
        self._no_changes(self._deployment.preview())
        self._count(writes=False)

        self._step(f"an administrator makes {counted(len(self._edits), 'change')} by hand in the portal")
        for edit in self._edits:
            self._console.print(f"  The administrator {edit.sentence}.")
            edit.make(self._entra)
        self._entra.calls.clear()

        self._step("pulumi preview: each of these changes is named, and nothing else")
        self._drift(expected_drift(self._edits), self._deployment.preview().drift)
        for edit in self._edits:
            named = [f"{resource} {path}" for resource, paths in edit.differences.items() for path in paths]
            self._console.print(f"  Detected: {edit.sentence} -> {', '.join(named)}")
        self._count(writes=False)

        self._step("pulumi up: repaired")
        repaired = self._deployment.up()
        self._same("resources repaired", _updates(self._edits), _operations(repaired))
        self._count()

        self._step("pulumi preview: nothing to do")
        self._no_changes(self._deployment.preview())
        self._count(writes=False)

        self._step("a provisioning cycle: users and groups arrive in the SCIM server")
        self._provision()
        self._count(writes=False)

        self._step("pulumi destroy: the users stay in the SCIM server")
        destroyed = self._deployment.destroy()
        self._same("resources deleted", _RESOURCES, set(destroyed.drift))
        self._same("users in the SCIM server", self._arrived, set(people.arrived_users(self._entra)))
        self._count()

    def _provision(self) -> None:
        entra, say = self._entra, self._console.print
        ids = people.seed_directory(entra)
        report = people.run_cycle(entra)
        self._same("errors of the cycle", [], [report.error.message] if report.error else [])
        users, expected = people.arrived_users(entra), {"adele.vance@contoso.example", "megan.bowen@contoso.example"}
        self._same("users in the SCIM server", expected, set(users))
        for name, attributes in users.items():
            self._same(f"attributes of {name}", people.DOCUMENTED_USER, set(attributes))
            self._same(f"externalId of {name}", [ids[name]], [attributes["externalId"]])
        members = people.arrived_members(entra)
        self._same("groups in the SCIM server", {people.GROUP}, set(members))
        self._same("members of the group", expected, members[people.GROUP])
        self._arrived = expected

        requests = counted(len(entra.provisioning.requests), "request")
        say(
            f"  {report.kind} cycle, {requests}: {counted(len(users), 'user')} and a group; Lee Gu is disabled in Entra"
        )
        for name, attributes in sorted(users.items()):
            say(f"  {name}: exactly the documented attributes")
            for line in people.lines(attributes, [row.target for row in USERS]):
                say(f"    {line}")
        say(f"  {people.GROUP}: {', '.join(sorted(expected))}")
        adele = min(expected)
        template = people.with_template_mappings(entra, adele)
        beyond = sorted(template.keys() - people.DOCUMENTED_USER)
        say(f"  Under the template's default mappings Entra would have sent {len(beyond)} more of {adele}:")
        for line in people.lines(template, beyond):
            say(f"    {line}")
        say(f"  and {template['externalId']} as externalId, which Eptura never changes afterwards")

    def _step(self, title: str) -> None:
        self.steps += 1
        self._console.print()
        self._console.print(f"{self.steps}. {title}", style="bold")
        self._console.print()
        self._title = title

    def _no_changes(self, outcome: Outcome) -> None:
        self._drift({}, outcome.drift)

    def _drift(self, expected: Mapping[str, Mapping[str, str]], came: Mapping[str, Mapping[str, str]]) -> None:
        self._same("differences", _sentences(expected), _sentences(came))

    def _same(self, what: str, expected: Collection[str], came: Collection[str]) -> None:
        if expected != came:
            raise DemoFailedError(
                f"step {self.steps} ({self._title}) went wrong.\n"
                f"  expected {what}: {_shown(expected)}\n  but they were: {_shown(came)}"
            )

    def _count(self, *, writes: bool = True) -> None:
        """Add up the calls of a step, and see that it wrote nothing where it may not."""
        calls = self._entra.calls
        if not writes:
            self._same("writes to Graph", [], [f"{call.method} {call.path}" for call in calls.writes()])
        self.reads += len(calls.reads())
        self.writes += len(calls.writes())
        calls.clear()


def _order(entra: LocalEntra) -> list[str]:
    """What matters of the calls of a first up, in their order."""
    words = []
    for call in entra.calls:
        if call.area == "credentials":
            words.append("test")
        elif call.method == "PUT" and call.area in ("secrets", "schema"):
            words.append(call.area)
        elif call.action == "start":
            words.append("start")
    return words


def _updates(edits: Sequence[DemoEdit]) -> set[str]:
    return {f"update {resource}" for resource in expected_drift(edits)}


def _operations(outcome: Outcome) -> set[str]:
    return {
        f"{change.operation} {change.type.rsplit(':', 1)[-1]}"
        for change in outcome.changes
        if change.operation not in ("same", "refresh") and not change.internal
    }


def _sentences(drift: Mapping[str, Mapping[str, str]]) -> set[str]:
    return {f"{kind} {resource} {path}" for resource, paths in drift.items() for path, kind in paths.items()}


def _shown(names: Collection[str]) -> str:
    return ", ".join(sorted(names) if isinstance(names, set) else names) or "none"
