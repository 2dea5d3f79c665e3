"""The options that several commands have: which job, which user or group, which mappings, JSON or a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eptura_scim.documented import Phone
from eptura_scim.simulation.select_mappings import MappingsName

__all__ = [
    "HtmlOption",
    "JobOption",
    "JsonOption",
    "MappingsChoice",
    "PhoneOption",
    "PrincipalArgument",
    "ProjectOption",
    "ServicePrincipalOption",
    "StackOption",
    "YesOption",
]

PrincipalArgument = Annotated[
    str,
    typer.Argument(
        metavar="USER|GROUP",
        help="A user's userPrincipalName, mail or object id; a group's display name or object id.",
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
HtmlOption = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write a page to read and print.", dir_okay=False)
]
ServicePrincipalOption = Annotated[
    str | None,
    typer.Option(
        "--service-principal",
        metavar="ID",
        help="Object id of the enterprise application's service principal; needs no stack and no Pulumi CLI.",
        show_default=False,
    ),
]
JobOption = Annotated[
    str | None,
    typer.Option("--job", metavar="ID", help="The job's id, if the application has several jobs.", show_default=False),
]
StackOption = Annotated[
    str | None,
    typer.Option("--stack", metavar="NAME", help="Default: the selected stack.", show_default=False),
]
ProjectOption = Annotated[
    Path,
    typer.Option("--project", help="The folder of the Pulumi project, or one below it.", exists=True, file_okay=False),
]
MappingsChoice = Annotated[
    MappingsName | None,
    typer.Option(
        "--mappings",
        help="The stack's, the live ones of the job, or the documented ones. Default: the stack's, else the "
        "documented ones.",
        case_sensitive=False,
        show_default=False,
    ),
]
PhoneOption = Annotated[
    Phone | None,
    typer.Option(
        help="Use this mode of telephone numbers instead of that of the mappings.",
        case_sensitive=False,
        show_default=False,
    ),
]
