"""The commands in one table. A command's module is loaded when the command is run, so that `--help` is quick."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Annotated, Any, NamedTuple, cast

import typer
from typer.core import TyperCommand, TyperGroup

from eptura_scim import __version__
from eptura_scim.cli.plain_flags import PlainCommand, PlainGroup
from eptura_scim.errors import WRONG_USAGE

__all__ = ["COMMANDS", "CommandInfo", "app", "load"]

_TYPERS_WRONG_USAGE = 2
"""The exit code by which Typer tells wrong usage from a failure; it publishes no class for it."""


class CommandInfo(NamedTuple):
    """Where a command is, and what `eptura-scim --help` says of it."""

    module: str
    """Below eptura_scim.cli; it has a function, or a group of commands, of the command's name."""
    help: str
    examples: tuple[str, ...]
    """Command lines, for the end of its help; of a group, also those of its commands."""


COMMANDS = {
    "adopt": CommandInfo(
        "adopt",
        "Take over an application that was made by hand: settings and import.",
        ("eptura-scim adopt EpturaScimApplication --stack prod",),
    ),
    "doctor": CommandInfo(
        "doctor",
        "Check tools, settings, login, permissions and Eptura's endpoint.",
        (
            "eptura-scim doctor",
            "eptura-scim doctor --stack prod --json",
        ),
    ),
    "status": CommandInfo(
        "status",
        "Show the current cycle: counts, quarantine and what to do about it.",
        (
            "eptura-scim status --watch",
            "eptura-scim status --stack prod --json",
            "eptura-scim status --service-principal OBJECT-ID",
        ),
    ),
    "drift": CommandInfo(
        "review.drift",
        "Show where Entra differs from the stack, and who changed it.",
        (
            "eptura-scim drift",
            "eptura-scim drift --stack prod --format md",
        ),
    ),
    "report": CommandInfo(
        "review.report",
        "Compare an application with Eptura's guide, line by line.",
        (
            "eptura-scim report --html report.html",
            "eptura-scim report --service-principal OBJECT-ID --json",
        ),
    ),
    "fleet": CommandInfo(
        "review.fleet",
        "Show drift and provisioning status of many stacks.",
        (
            "eptura-scim fleet --all --html fleet.html",
            "eptura-scim fleet prod test --json",
        ),
    ),
    "start": CommandInfo(
        "start_pause_restart",
        "Start or resume provisioning. Ends a quarantine.",
        (
            "eptura-scim start",
            "eptura-scim start --stack prod",
        ),
    ),
    "pause": CommandInfo(
        "start_pause_restart",
        "Stop provisioning; the running cycle finishes.",
        (
            "eptura-scim pause",
            "eptura-scim pause --stack prod",
        ),
    ),
    "restart": CommandInfo(
        "start_pause_restart",
        "Process all users again, discard failures, lift the quarantine.",
        (
            "eptura-scim restart",
            "eptura-scim restart --stack prod --yes",
        ),
    ),
    "provision-on-demand": CommandInfo(
        "provision_on_demand",
        "Provision one user or group now.",
        (
            "eptura-scim provision-on-demand adele.vance@contoso.example",
            'eptura-scim provision-on-demand "Floor 2" --members 5',
        ),
    ),
    "simulate": CommandInfo(
        "simulate",
        "Show the SCIM payload of one user or group. Nothing is sent.",
        (
            "eptura-scim simulate adele.vance@contoso.example",
            "eptura-scim simulate adele.vance@contoso.example --mappings change",
            'eptura-scim simulate "Floor 2" --group --source groups.json',
        ),
    ),
    "check-directory": CommandInfo(
        "check_directory",
        "Check users and groups before go-live. Nothing is written.",
        (
            "eptura-scim check-directory tenant",
            "eptura-scim check-directory users.csv --phone-work rfc3966",
            "eptura-scim check-directory EXPORTS --html findings.html --list findings.csv",
        ),
    ),
    "local": CommandInfo(
        "local.command",
        "Run a Microsoft Entra ID on this machine: HTTPS, stateful, without a tenant or account.",
        (
            "eptura-scim local start",
            "eptura-scim local start --state-dir FOLDER",
            'eval "$(eptura-scim local env)"',
            "eptura-scim local people",
            "eptura-scim local edit scope scope=assigned",
            "eptura-scim local cycle",
            "eptura-scim local status",
            "eptura-scim local stop",
        ),
    ),
    "demo": CommandInfo(
        "demo.command",
        "Run the demo on a local Entra: deploy, edit by hand, detect, repair, destroy.",
        ("eptura-scim demo",),
    ),
    "engine": CommandInfo(
        "engine", "Find or install the Pulumi CLI, and print its path and version.", ("eptura-scim engine",)
    ),
}


class _Commands(PlainGroup):
    """The commands of the table."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, info in COMMANDS.items():
            self.add_command(PlainCommand(name, help=info.help))

    def make_context(self, *arguments: Any, **keywords: Any) -> Any:
        """Read the options before the command."""
        with _wrong_usage():
            return super().make_context(*arguments, **keywords)

    def invoke(self, ctx: Any) -> Any:
        """Read the command's own options, and run it."""
        with _wrong_usage():
            return super().invoke(ctx)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command that runs, loaded."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, load(name) if name in COMMANDS else command, rest


@contextmanager
def _wrong_usage() -> Iterator[None]:
    try:
        yield
    except typer.TyperException as error:
        if error.exit_code == _TYPERS_WRONG_USAGE:
            error.exit_code = WRONG_USAGE
            error.message = error.message.replace("Value error, ", "")  # pydantic's words, to which Typer adds its own
        raise


def load(name: str) -> TyperCommand | TyperGroup:
    """Load a command of the table."""
    found = getattr(import_module(f"eptura_scim.cli.{COMMANDS[name].module}"), name.replace("-", "_"))
    examples = COMMANDS[name].examples
    if isinstance(found, typer.Typer):
        group = typer.main.get_group(found)
        group.epilog = _epilog(examples)
        for part, command in group.commands.items():
            command.epilog = _epilog([line for line in examples if f"eptura-scim {name} {part}" in line])
        return group
    single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    single.command(name, cls=PlainCommand, epilog=_epilog(examples))(found)
    return cast("TyperCommand", typer.main.get_command(single))


def _epilog(examples: Sequence[str]) -> str:
    return "\n".join(["Examples:", *(f"  {line}" for line in examples)]) if examples else ""


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"eptura-scim {__version__}")
        raise typer.Exit


app = typer.Typer(
    cls=_Commands,
    help="Eptura SCIM provisioning from Microsoft Entra ID as a Pulumi program.",
    epilog=_epilog(["eptura-scim demo", "eptura-scim check-directory users.csv", "eptura-scim status --help"]),
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # failures are explained in one place, in `main`
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Eptura SCIM provisioning from Microsoft Entra ID as a Pulumi program."""
