"""`eptura-scim local`: a local Entra for the official CLI, or for anything else that speaks to Microsoft Graph."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eptura_scim.cli.local.edit import edit
from eptura_scim.cli.local.people import cycle, people
from eptura_scim.cli.local.state_folder import StateDir, chosen, option_for, running
from eptura_scim.cli.plain_flags import PlainCommand, PlainGroup
from eptura_scim.cli.progress import working
from eptura_scim.environment import LOCAL_PASSPHRASE

if TYPE_CHECKING:
    from eptura_scim.local_entra import LocalStatus

__all__ = ["DEFAULT_PORT", "local", "variables"]

DEFAULT_PORT = 8443
"""The port that Pulumi.dev.yaml names."""

local = typer.Typer(
    cls=PlainGroup,
    help="Run a Microsoft Entra ID on this machine: HTTPS, stateful, without a tenant or account.",
    no_args_is_help=True,
)

_VARIABLES = (
    "ARM_METADATA_HOSTNAME",
    "ARM_TENANT_ID",
    "ARM_CLIENT_ID",
    "ARM_CLIENT_SECRET",
    "ARM_USE_CLI",
    "SSL_CERT_FILE",
    "PULUMI_BACKEND_URL",
    "PULUMI_CONFIG_PASSPHRASE",
)
"""What `env` sets."""


_Port = Annotated[
    int | None,
    typer.Option(
        help=f"The port on localhost; 0 takes a free one. Default: that of the last time, else {DEFAULT_PORT}.",
        show_default=False,
        min=0,
        max=65535,
    ),
]
_Detach = Annotated[bool, typer.Option("--detach", help="Return when the local Entra answers, and leave it running.")]
_Cycles = Annotated[
    bool, typer.Option("--cycles", help="Provision into the SCIM server: a cycle when a job starts, then every 40 min.")
]
_Users = Annotated[int, typer.Option(help="Fill the directory up to N users, with groups of them.", min=0, max=200_000)]
_Empty = Annotated[
    bool, typer.Option("--empty", help="Leave a new directory empty. Default: a small company is in it.")
]


@local.command(cls=PlainCommand)
def start(
    *,
    port: _Port = None,
    state_dir: StateDir = None,
    detach: _Detach = False,
    cycles: _Cycles = False,
    users: _Users = 0,
    empty: _Empty = False,
) -> None:
    """Start the local Entra. It runs until Ctrl-C or `eptura-scim local stop`.

    Its pages, at the address that it prints, show what it has and make the portal's edits.
    """
    from eptura_scim.extras import require

    require("local")  # a detached process could only say it in its log
    from eptura_scim.local_entra import serve, start_detached
    from eptura_scim.local_entra.background import has_provisioned, has_served, start_warnings

    folder = chosen(state_dir)
    if port is None:
        port = 0 if has_served(folder) else DEFAULT_PORT
    ends = has_provisioned(folder) and not cycles
    hint = "\nno cycle runs by itself: start it with `--cycles`, or run `eptura-scim local cycle`" if ends else ""
    if detach:
        with working("starting the local Entra"):
            started = start_detached(folder, port, cycles=cycles, users=users, sample=not empty)
        for warning in start_warnings(folder):
            typer.echo(f"warning: {warning}", err=True)
        stop = f"`eptura-scim local stop{option_for(state_dir)}`"
        typer.echo(f"local Entra at {started.url} (process {started.pid}); {stop} ends it{hint}")
        typer.echo("open that address in a browser, or see `eptura-scim local people` and `eptura-scim local edit`")
        return
    logging.getLogger("eptura_scim.local_entra").addHandler(_Warnings(logging.WARNING))
    serve(
        port=port,
        state_dir=folder,
        cycles=cycles,
        users=users,
        sample=not empty,
        on_ready=lambda entra: typer.echo(f"local Entra at {entra.url}; Ctrl-C stops it{hint}"),
    )
    typer.echo("stopped; its state is kept")


@local.command(cls=PlainCommand)
def stop(state_dir: StateDir = None) -> None:
    """Stop the local Entra that uses this state folder."""
    from eptura_scim import local_entra

    local_entra.stop(chosen(state_dir))
    typer.echo("stopped; its state is kept")


@local.command(cls=PlainCommand)
def status(state_dir: StateDir = None) -> None:
    """Show whether a local Entra uses this state folder, and its address. The exit code is 1 if it is not running."""
    found = running(state_dir)
    typer.echo(f"local Entra at {found.url} (process {found.pid})")


@local.command(cls=PlainCommand)
def env(
    state_dir: StateDir = None,
    unset: Annotated[bool, typer.Option("--unset", help="Take the variables out of the shell again.")] = False,
) -> None:
    """Print what an unmodified `pulumi stack init dev` and `pulumi up` need, for eval in a shell.

    For the try-out alone: before you work on a real stack in the same shell, `eval "$(eptura-scim local env --unset)"`.
    """
    from eptura_scim.local_entra import NotRunningError

    if unset:
        typer.echo(f"unset {' '.join(_VARIABLES)}")
        return
    try:
        found = running(state_dir)
    except NotRunningError:
        typer.echo("false")  # for eval: what follows it with && must not run against a real tenant
        raise
    backend = found.state_dir / "pulumi"
    backend.mkdir(exist_ok=True)
    for name, value in variables(found, backend).items():
        typer.echo(f"export {name}={_quoted(value)}")
    if found.port != DEFAULT_PORT:
        typer.echo(f"Pulumi.dev.yaml names port {DEFAULT_PORT}: after `pulumi stack init dev` run", err=True)
        typer.echo(f"pulumi config set tenantUrl {_quoted(found.scim_url)}", err=True)


def variables(running: LocalStatus, backend: Path) -> dict[str, str]:
    """Login, trust, a backend of files and the dev stack's passphrase; paths are absolute."""
    return {
        **running.environment,
        "PULUMI_BACKEND_URL": backend.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": LOCAL_PASSPHRASE,
    }


class _Warnings(logging.Handler):
    """What the local Entra warns of, on standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print a line."""
        typer.echo(f"warning: {record.getMessage()}", err=True)


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "'\\''") + "'"


for _command in (people, cycle, edit):
    local.command(cls=PlainCommand)(_command)
