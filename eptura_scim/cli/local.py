"""`eptura-scim local`: a local Entra for the official CLI, or for anything else that speaks to Microsoft Graph."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from eptura_scim.emulator import LocalStatus

__all__ = ["DEFAULT_PORT", "exports", "local"]

DEFAULT_PORT = 8443
"""The port that Pulumi.dev.yaml names."""

local = typer.Typer(
    help="A Microsoft Entra ID on this machine: HTTPS, stateful, no tenant and no account.",
    no_args_is_help=True,
)

StateDir = Annotated[
    Path, typer.Option("--state-dir", help="Where its state is kept; it survives a restart.", file_okay=False)
]
_STATE_DIR = Path(".eptura-scim")


@local.command()
def start(
    port: Annotated[
        int, typer.Option(help="The port on localhost; 0 takes a free one.", min=0, max=65535)
    ] = DEFAULT_PORT,
    state_dir: StateDir = _STATE_DIR,
    detach: Annotated[bool, typer.Option("--detach", help="Return when it answers, and leave it running.")] = False,
) -> None:
    """Start it. It runs until Ctrl-C or `eptura-scim local stop`."""
    from eptura_scim.emulator import LocalEntra, start_detached

    if detach:
        typer.echo(_running(start_detached(port=port, state_dir=state_dir)))
        return
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with LocalEntra.start(port=port, state_dir=state_dir) as entra:
        typer.echo(f"local Entra at {entra.url}; Ctrl-C stops it")
        stop.wait()
    typer.echo("stopped; its state is kept")


@local.command(name="stop")
def stop_(state_dir: StateDir = _STATE_DIR) -> None:
    """Stop the one that runs on this state folder."""
    from eptura_scim.emulator import stop

    stop(state_dir)
    typer.echo("stopped; its state is kept")


@local.command(name="status")
def status_(state_dir: StateDir = _STATE_DIR) -> None:
    """Say whether one runs on this state folder, and where. The exit code is 1 if none does."""
    from eptura_scim.emulator import status

    typer.echo(_running(status(state_dir)))


@local.command()
def env(state_dir: StateDir = _STATE_DIR) -> None:
    """Print what an unmodified `pulumi stack init dev` and `pulumi up` need, for eval in a shell."""
    from eptura_scim.emulator import status

    for line in exports(status(state_dir), state_dir):
        typer.echo(line)


def exports(status: LocalStatus, state_dir: Path) -> list[str]:
    """Lines for a POSIX shell: login variables, trust, a backend of files and the dev stack's passphrase."""
    from eptura_scim.engine.project import LOCAL_PASSPHRASE

    backend = state_dir.resolve() / "pulumi"
    backend.mkdir(parents=True, exist_ok=True)
    variables = {
        **status.environment,
        "PULUMI_BACKEND_URL": backend.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": LOCAL_PASSPHRASE,
    }
    lines = [f"export {name}={_quoted(value)}" for name, value in variables.items()]
    if status.port != DEFAULT_PORT:
        lines.append(f"# Pulumi.dev.yaml names port {DEFAULT_PORT}: after `pulumi stack init dev` run")
        lines.append(f"# pulumi config set tenantUrl {_quoted(status.scim_url)}")
    return lines


def _running(status: LocalStatus) -> str:
    return f"local Entra at {status.url} (process {status.pid})"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "'\\''") + "'"
