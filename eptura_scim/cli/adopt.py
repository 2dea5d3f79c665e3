"""`eptura-scim adopt`: an application that was made by hand becomes a stack's. Entra is only read."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from eptura_scim.adoption.import_file import document
from eptura_scim.adoption.plan import AdoptionPlan, ExistingStack, check_token, make_plan
from eptura_scim.cli.confirm import confirm
from eptura_scim.cli.options import JobOption, ProjectOption, StackOption, YesOption
from eptura_scim.cli.progress import working
from eptura_scim.engine import ProjectStack, find_engine
from eptura_scim.environment import try_out_leak
from eptura_scim.errors import ReadableError, WrongUsageError
from eptura_scim.graph.errors import GraphError

__all__ = ["AdoptRefusedError", "adopt"]

_TOKEN = "secretToken"  # noqa: S105  (the setting's name)


class AdoptRefusedError(ReadableError):
    """The shell is that of the try-out and the tenant URL is not local, or the change was not confirmed."""


def adopt(
    application: Annotated[
        str, typer.Argument(metavar="NAME|OBJECT_ID|CLIENT_ID", help="The application's name, object id or client id.")
    ],
    *,
    stack: StackOption = None,
    job: JobOption = None,
    yes: YesOption = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and write nothing.")] = False,
    token_stdin: Annotated[
        bool, typer.Option("--token-stdin", help="Read the secret token from standard input.")
    ] = False,
    project: ProjectOption = Path(),
) -> None:
    """Take over an application that was made by hand: settings and import. Nothing is changed in Entra."""
    if token_stdin and not (yes or dry_run):
        raise WrongUsageError("--token-stdin needs --yes: standard input holds the token, so no question can be asked")

    console = Console(highlight=False, markup=False, soft_wrap=True)
    opened = ProjectStack.open(find_engine(console.print), project, stack)
    with working(f"reading the stack {opened.name}"):
        known, has_token = _known(opened)
    with working("reading the application from Entra"):
        plan = asyncio.run(make_plan(application, job, known, os.environ))
    _show(console, plan, opened.name, has_token)
    if leak := try_out_leak(plan.tenant_url, os.environ):
        raise AdoptRefusedError(f"nothing was written: {leak}")
    if dry_run:
        console.print("\nNothing was written: --dry-run.")
        return
    if not plan.importing and not plan.settings and has_token:
        console.print("\nThe stack holds it all already: nothing to do.")
        return
    token = "" if has_token else _token(console, plan, token_stdin)
    console.print()
    if not confirm(yes, "Continue? Entra is not changed"):
        raise AdoptRefusedError("not confirmed: nothing was written. --yes confirms beforehand")
    _carry_out(console, plan, opened, token)
    if not (token or has_token):
        console.print(f"Set the secret token: `pulumi config set --secret {_TOKEN}`")
    console.print(
        "Next: `pulumi preview`. It also shows `+ useExisting`, which changes the Pulumi state only, not Entra, and, "
        "where several settings differ, `~ configuration: changed`: provisioning is paused before the first change."
    )


def _known(stack: ProjectStack) -> tuple[ExistingStack, bool]:
    """What the stack has, and whether the secret token is among it."""
    config = stack.config()
    own = {name: value for name, value in config.values.items() if value and value != stack.default(name)}
    resources = {resource.urn: resource.id for resource in stack.resources()}
    return ExistingStack(own, resources, stack.urn_prefix), _TOKEN in config.secret


def _show(console: Console, plan: AdoptionPlan, stack: str, has_token: bool) -> None:
    application, principal, job = plan.candidate.application, plan.candidate.principal, plan.candidate.job
    console.print(f"Application {application.display_name}", style="bold")
    console.print(f"  object id {application.id}, client id {application.app_id}")
    console.print(f"  created {application.created_date_time or 'at an unknown time'}")
    console.print(f"  service principal {principal.id}")
    if job is None:
        console.print("  no synchronization job: the next `pulumi up` makes one")
    else:
        ran = "has run" if job.status.ever_ran else "has not run yet"
        console.print(f"  job {job.id}: {job.schedule.state}, {ran}")
    console.print(f"Settings of the stack {stack}", style="bold")
    for name, value in plan.settings.items():
        console.print(f"  {name} = {value}")
    for name, value in plan.kept.items():
        console.print(f"  {name} stays as the stack has it; Entra has {value}")
    if not plan.settings and not plan.kept:
        console.print("  all at their defaults, or set already")
    if not plan.tenant_url:
        console.print("  tenantUrl is not known: set it with `pulumi config set tenantUrl`")
    if not has_token:
        console.print(f"  {_TOKEN} cannot be read from Entra")
    console.print("What the next `pulumi up` changes in Entra", style="bold")
    for one in plan.differing:
        console.print(f"  {one.resource}")
        for line in (*one.lines, *(f"warning: {warning}" for warning in one.warnings)):
            if plan.tenant_url or not line.startswith("~ tenantUrl: "):  # not known: said above
                console.print(f"    {line}")
    if not plan.differing:
        console.print("  nothing: it is set as documented")
    console.print(f"To import into the stack {stack}", style="bold")
    console.print(f"  {_kinds(plan) or 'nothing: all is there'}")


def _kinds(plan: AdoptionPlan) -> str:
    return ", ".join(entry.type.rsplit(":", 1)[-1] for entry in plan.importing)


def _token(console: Console, plan: AdoptionPlan, from_stdin: bool) -> str:
    """The secret token, tested by Entra; empty where it is to be set later."""
    if from_stdin:
        token = sys.stdin.read().strip()
    elif sys.stdin.isatty():
        token = typer.prompt("\nSecret token (Enter: set it later)", default="", hide_input=True, show_default=False)
    else:
        token = ""
    if token:
        try:
            asyncio.run(check_token(plan.candidate, plan.tenant_url, token, os.environ))
        except GraphError as error:
            console.print(f"The token was not tested: {error}")
        else:
            if plan.candidate.ref is None or not plan.tenant_url:
                console.print("The token was not tested: Entra has no connection to test it with; `pulumi up` tests it")
    return token


def _carry_out(console: Console, plan: AdoptionPlan, stack: ProjectStack, token: str) -> None:
    if plan.settings:
        stack.set(plan.settings)
        console.print(f"Set: {', '.join(plan.settings)}")
    if token:
        stack.set_secret(_TOKEN, token)
        console.print(f"Set: {_TOKEN}")
    if plan.importing:
        console.print(f"Importing {_kinds(plan)}")
        with tempfile.TemporaryDirectory(prefix="eptura-scim-adopt-") as folder, working("running `pulumi import`"):
            stack.import_resources(document(plan.importing, stack.urn_prefix), Path(folder) / "resources.json")
    console.print("Taken over; nothing was changed in Entra.", style="bold")
    if not plan.tenant_url:
        console.print("Set the tenant URL: `pulumi config set tenantUrl`")
