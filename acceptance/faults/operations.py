"""The operations of a table: where each begins and what it runs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acceptance.company import Company
from acceptance.eptura import CYCLES
from acceptance.faults.at_eptura import Expected
from acceptance.sandbox import EngineSandbox
from eptura_scim.engine import Outcome
from eptura_scim.settings import settings_of_texts

__all__ = ["OPERATIONS", "Operation"]

_LANGUAGE_HOST = Path(__file__).parents[2] / "tests" / "engine" / "language_host"
_IMPORT_FILE = "resources.json"
_CHANGE = "change while running"


@dataclass(frozen=True)
class Operation:
    """One of the table's parts."""

    name: str
    what: str
    prepare: Callable[[EngineSandbox], Expected | None]
    """Makes the start out of a fresh sandbox: an empty tenant and an empty stack. Gives what Eptura has to have, where
    users and groups are there already."""
    run: Callable[[EngineSandbox], Outcome]
    writes_state: bool = True
    repair: Callable[[EngineSandbox], Outcome] | None = None
    """What is run where the same again does not end as it should, if that is something else."""

    @property
    def repair_command(self) -> str:
        """The CLI's word for what is run then."""
        return "up" if self.repair or self.name == _CHANGE else self.name


def _up(sandbox: EngineSandbox) -> Outcome:
    return sandbox.deployment.up()


def _nothing(_: EngineSandbox) -> None:
    return


def _is_up(sandbox: EngineSandbox) -> None:
    _up(sandbox)


def _wants_a_change(sandbox: EngineSandbox) -> Expected:
    """A change of which each half alone does harm: a narrow scope without the assignments disables Ann and Cid, who
    stay; a wide scope without the filter creates Dan, whom neither configuration lets in.
    """
    company = Company(sandbox.entra.people)
    before = {"userFilter": 'department EQUALS "sales"'}
    after = {
        "applicationName": "Eptura",
        "scope": "assigned",
        "assignedUsers": company.id("bob"),
        "assignedGroups": company.id("Sales"),
        "userFilter": "",
        "phoneWork": "rfc3966",
        "notificationEmail": "operations@example.com",
    }
    _configure(sandbox, before)
    _is_up(sandbox)
    for _ in range(CYCLES):
        sandbox.cycle()
    _configure(sandbox, after)
    connection = {"tenantUrl": sandbox.entra.scim.url, "secretToken": sandbox.entra.scim.token}
    old, new = (settings_of_texts({**connection, **values}, ["secretToken"]) for values in (before, after))
    return Expected(company.wanted(old), company.wanted(new))


def _configure(sandbox: EngineSandbox, values: dict[str, str]) -> None:
    for setting, value in values.items():
        sandbox.deployment.set_config(setting, value)


def _was_changed_by_hand(sandbox: EngineSandbox) -> None:
    _is_up(sandbox)
    sandbox.entra.portal.set_notification_email("somebody@example.com")
    sandbox.entra.portal.set_user_source("externalId", "[mailNickname]")


def _is_up_by_another_stack(sandbox: EngineSandbox) -> None:
    sandbox.keep("empty stack")
    _is_up(sandbox)
    resources = sandbox.deployment.export_stack()["resources"]
    sandbox.put_back_home("empty stack")
    (sandbox.folder / _IMPORT_FILE).write_text(json.dumps(_import_file(resources)), encoding="utf-8")


def _import(sandbox: EngineSandbox) -> Outcome:
    resources = json.loads((sandbox.folder / _IMPORT_FILE).read_text(encoding="utf-8"))
    with _language_host():
        return sandbox.deployment.import_resources(resources)


def _import_file(resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The file of `pulumi import --file` for all that a stack holds, parents before their children."""
    own = [resource for resource in resources if not resource["type"].startswith("pulumi:")]
    wanted = []
    for resource in own:
        kind, name = resource["type"], resource["urn"].rsplit("::", 1)[-1]
        if not resource["custom"]:
            wanted.append({"type": kind, "name": name, "component": True})
            continue
        parent = resource["parent"].rsplit("::", 1)[-1]
        word = kind.rsplit(":", 1)[-1]
        wanted.append({"type": kind, "name": word, "logicalName": name, "parent": parent, "id": resource["id"]})
    return wanted


@contextmanager
def _language_host() -> Iterator[None]:
    """`pulumi import` asks for one; the CLI that is built from its Go module brings none."""
    path = os.environ["PATH"]
    os.environ["PATH"] = os.pathsep.join([str(_LANGUAGE_HOST), str(Path(sys.executable).parent), path])
    try:
        yield
    finally:
        os.environ["PATH"] = path


OPERATIONS = {
    operation.name: operation
    for operation in (
        Operation("up", "the first `pulumi up` of an empty stack", _nothing, _up),
        Operation(
            _CHANGE,
            "`pulumi up` of a stack that provisions, after name, scope, assigned users and groups, filter, telephone "
            "number and e-mail changed",
            _wants_a_change,
            _up,
        ),
        Operation(
            "preview",
            "`pulumi preview --expect-no-changes` of a running stack",
            _is_up,
            lambda sandbox: sandbox.deployment.preview(expect_no_changes=True),
            writes_state=False,
        ),
        Operation(
            "refresh",
            "`pulumi refresh` after the e-mail address and a mapping were changed in the portal",
            _was_changed_by_hand,
            lambda sandbox: sandbox.deployment.refresh(),
            repair=_up,
        ),
        Operation(
            "import",
            "`pulumi import --file` of a running application into an empty stack",
            _is_up_by_another_stack,
            _import,
        ),
        Operation(
            "destroy", "`pulumi destroy` of a running stack", _is_up, lambda sandbox: sandbox.deployment.destroy()
        ),
    )
}
"""By name."""
