"""examples/alerts is a whole program."""

from __future__ import annotations

import runpy
import signal
from pathlib import Path

import yaml

from tests.integration.alerts.mocked_program import declared_by

EXAMPLE = Path(__file__).parents[3] / "examples" / "alerts"
WORKSPACE = "/subscriptions/x/resourceGroups/y/providers/Microsoft.OperationalInsights/workspaces/central"
CONFIG = {
    "resourceGroup": "rg-monitoring",
    "location": "westeurope",
    "servicePrincipal": "11111111-1111-1111-1111-111111111111",
    "email": "platform@example.com",
}


def kinds(**more: str) -> list[str]:
    """The kinds of all that the example declares in Azure."""
    config = {f"eptura:{name}": value for name, value in {**CONFIG, **more}.items()}
    interrupted = signal.getsignal(signal.SIGINT)
    try:
        found = declared_by(lambda: runpy.run_path(str(EXAMPLE / "__main__.py"), run_name="__main__"), config=config)
    finally:
        signal.signal(signal.SIGINT, interrupted)
    return sorted(one.type.rpartition(":")[2] for one in found)


def test_the_example_makes_a_workspace_and_three_rules() -> None:
    rules = ["ScheduledQueryRule"] * 3
    assert kinds() == ["ActionGroup", "DiagnosticSetting", "EpturaScimAlerts", *rules, "Workspace"]


def test_the_example_takes_a_workspace_that_exists() -> None:
    assert "Workspace" not in kinds(workspace=WORKSPACE)


def test_the_example_is_a_project_on_this_environment() -> None:
    project = yaml.safe_load((EXAMPLE / "Pulumi.yaml").read_text(encoding="utf-8"))
    assert (EXAMPLE / project["runtime"]["options"]["virtualenv"]).resolve() == EXAMPLE.parents[1] / ".venv"
