"""The commands. Each imports what it needs when it runs, so that `--help` is quick."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eptura_scim.cli.adopt import adopt
from eptura_scim.cli.check_directory import check_directory
from eptura_scim.cli.doctor import doctor
from eptura_scim.cli.local import local
from eptura_scim.cli.provision_on_demand import provision_on_demand
from eptura_scim.cli.simulate import simulate
from eptura_scim.cli.status import status
from eptura_scim.jobs.control import pause, restart, start

__all__ = ["app"]

app = typer.Typer(
    help="Eptura SCIM provisioning from Microsoft Entra ID as a Pulumi program.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # failures are explained in one place, in `main`
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(local, name="local")
for command in (adopt, doctor, status, start, pause, restart, provision_on_demand, simulate, check_directory):
    app.command()(command)


@app.command()
def demo(
    project: Annotated[
        Path, typer.Option(help="The folder of the Pulumi project, or one below it.", file_okay=False, exists=True)
    ] = Path(),
) -> None:
    """Show the whole story on a local Entra: up, drift made by hand, seen by attribute, repaired, destroyed."""
    from eptura_scim.cli.demo.story import run

    run(project)


@app.command()
def engine() -> None:
    """Find the Pulumi engine, getting it if there is none, and print where it is and its version."""
    from eptura_scim.engine import find_engine

    found = find_engine(_progress)
    typer.echo(f"{found.path} {found.version}")


def _progress(line: str) -> None:
    typer.echo(line, err=True)
