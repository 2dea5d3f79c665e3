"""The stack's settings of the alerts, and the switch of the plain program."""

from __future__ import annotations

import pulumi
import pytest

from eptura_scim.alerts import declare_alerts
from eptura_scim.alerts.settings import arguments_of_texts
from eptura_scim.settings import SettingsError
from tests.integration.alerts.mocked_program import Declared, declared_by

PRINCIPAL = "11111111-1111-1111-1111-111111111111"
CLIENT = "22222222-2222-2222-2222-222222222222"
ON = {
    "enabled": "on",
    "resourceGroup": "rg-monitoring",
    "location": "westeurope",
    "emails": "a@example.com, b@example.com",
}


def program(config: dict[str, str], secret: dict[str, str] | None = None) -> list[Declared]:
    """What the plain program declares of alerts with these settings."""
    return declared_by(
        lambda: declare_alerts("eptura", service_principal_object_id=PRINCIPAL, client_id=CLIENT),
        config={f"alerts:{name}": value for name, value in config.items()},
        secret_config={f"alerts:{name}": value for name, value in (secret or {}).items()},
    )


def test_alerts_are_off_by_default() -> None:
    assert arguments_of_texts({}, ()) is None
    assert program({}) == []
    assert program({**ON, "enabled": "off"}) == []


def test_alerts_that_are_on_get_the_application_of_the_stack() -> None:
    found = {one.name: one for one in program({**ON, "silenceHours": "off", "failureMinimum": "7"})}
    assert {name for name in found if name.startswith("eptura-")} == {"eptura-quarantine", "eptura-failures"}
    [condition] = found["eptura-failures"].inputs["criteria"]["allOf"]
    assert PRINCIPAL in condition["query"]
    assert CLIENT in condition["query"]
    assert "Failed >= 7" in condition["query"]


def test_texts_become_arguments() -> None:
    texts = {
        **ON,
        "workspaceId": "/subscriptions/x/workspaces/y",
        "diagnosticSetting": "off",
        "actionGroups": "/a,/b",
        "webhook": "https://example.com/hook",
        "retentionDays": "90",
        "failurePercent": "25",
        "silenceHours": "24",
    }
    assert arguments_of_texts(texts, {"webhook"}) == {
        "resource_group_name": "rg-monitoring",
        "location": "westeurope",
        "workspace_id": "/subscriptions/x/workspaces/y",
        "diagnostic_setting": None,
        "emails": ["a@example.com", "b@example.com"],
        "action_groups": ["/a", "/b"],
        "webhooks": ["https://example.com/hook"],
        "retention_days": 90,
        "failure_percent": 25,
        "silence_hours": 24,
    }


def test_all_wrong_settings_are_named_at_once() -> None:
    texts = {
        "enabled": "on",
        "resource": "rg",
        "emails": "a@example.com,nobody",
        "webhook": "https://example.com/hook?key=abc",
        "failurePercent": "much",
        "silenceHours": "12",
    }
    with pytest.raises(SettingsError) as raised:
        arguments_of_texts(texts, ())
    first, *lines = str(raised.value).splitlines()
    assert first == "these settings are missing or wrong:"
    assert [line.strip().removeprefix("alerts:").split(": ", 1)[0] for line in lines] == [
        "resource", "failurePercent", "silenceHours", "webhook", "emails", "resourceGroup", "location",
    ]  # fmt: skip
    assert "it is 'much'" in str(raised.value)
    assert "key=abc" not in str(raised.value)


@pytest.mark.parametrize("name", ["emails", "actionGroups"])
@pytest.mark.parametrize("text", ["a@example.com,", ",a@example.com", "a@example.com,,b@example.com"])
def test_an_empty_entry_of_a_list_is_refused(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=f"alerts:{name}: has an empty entry"):
        arguments_of_texts({**ON, name: text}, ())


def test_a_list_of_yaml_is_read_as_one_with_commas() -> None:
    arguments = arguments_of_texts({**ON, "emails": '["a@example.com","b@example.com"]'}, ())
    assert arguments is not None
    assert arguments["emails"] == ["a@example.com", "b@example.com"]


def test_alerts_without_a_recipient_are_refused() -> None:
    with pytest.raises(SettingsError, match="alerts:emails: set emails, webhook or actionGroups"):
        arguments_of_texts({**ON, "emails": ""}, ())


def test_wrong_settings_end_the_program_with_their_names() -> None:
    with pytest.raises(pulumi.RunError, match="alerts:enabled: must be on or off; it is 'yes'"):
        program({**ON, "enabled": "yes"})
