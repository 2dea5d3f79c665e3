"""`eptura-scim local edit`: the portal's edits by hand, so that drift can be tried."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from eptura_scim.cli.local.client import post
from eptura_scim.cli.local.people import ApplicationOption
from eptura_scim.cli.local.state_folder import StateDir, running
from eptura_scim.errors import WrongUsageError

__all__ = ["edit"]

_SECTIONS = {
    "application": "Application",
    "provisioning": "Provisioning",
    "connection": "Connectivity and settings",
    "mappings": "Attribute mappings",
    "people": "Users and groups",
}


def edit(
    name: Annotated[str | None, typer.Argument(help="The edit; without it all edits are listed.")] = None,
    values: Annotated[
        list[str] | None, typer.Argument(metavar="[FIELD=VALUE]...", help="Its values, as the list shows them.")
    ] = None,
    state_dir: StateDir = None,
    application: ApplicationOption = None,
    job: Annotated[
        str | None,
        typer.Option("--job", metavar="ID", help="The job's id, if the application has several.", show_default=False),
    ] = None,
) -> None:
    """Edit the local Entra as a person does in the portal, so that `pulumi preview` has drift to show.

    Without a name it lists all edits with their fields.

    A secret token is never an argument: it is asked for, or read from standard input.
    """
    from eptura_scim.local_entra.portal.edits import EDITS, checked_edit

    if name is None:
        _list()
        return
    given = dict(map(_pair, values or ()))
    found = EDITS.get(name)
    secrets = [] if found is None else [key for key, field in found.fields.items() if field.kind == "secret"]
    for key in secrets:
        if key in given:
            raise WrongUsageError(
                f"{key} is a secret, and the arguments of a process can be read by others: leave it out"
            )
    checked = checked_edit(name, given | dict.fromkeys(secrets, "asked for below"))
    at = running(state_dir)
    given |= {key: _secret(key) for key in secrets}
    post(at, f"edit/{name}", {"values": given, "application": application, "job": job})
    typer.echo(f"done: {checked.title}")


def _list() -> None:
    from eptura_scim.local_entra.portal.edits import EDITS

    section = ""
    for name, found in EDITS.items():
        if found.section != section:
            section = found.section
            typer.echo(f"{_SECTIONS[section]}")
        fields = " ".join(
            f"[{key}=…]" if field.optional else f"{key}={'|'.join(field.choices) or '…'}"
            for key, field in found.fields.items()
            if field.kind != "secret"
        )
        typer.echo(f"  {name} {fields}".rstrip())


def _pair(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign:
        raise WrongUsageError(f"{text!r} is not FIELD=VALUE; `eptura-scim local edit` lists the fields")
    return key, value


def _secret(name: str) -> str:
    if sys.stdin.isatty():
        return str(typer.prompt(name, hide_input=True, default="", show_default=False))
    return sys.stdin.readline().strip()
