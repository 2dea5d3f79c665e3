"""Alerts on Entra's logs, with pulumi-azure-native (extra `alerts`): off by default, and loaded only when on.

`EpturaScimAlerts` is the component, `declare_alerts` the switch of this project's own program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pulumi

from eptura_scim.alerts.arguments import EpturaScimAlertsArgs
from eptura_scim.alerts.settings import NAMESPACE, arguments_of_texts
from eptura_scim.extras import MissingExtraError, require
from eptura_scim.pulumi_internals import config_keys
from eptura_scim.settings import SettingsError

if TYPE_CHECKING:
    from eptura_scim.alerts.component import EpturaScimAlerts

__all__ = ["EpturaScimAlerts", "EpturaScimAlertsArgs", "declare_alerts"]


def declare_alerts(
    name: str, *, service_principal_object_id: pulumi.Input[str], client_id: pulumi.Input[str]
) -> EpturaScimAlerts | None:
    """The alerts that the stack's settings `alerts:…` ask for; None where they are off.

    Raises RunError where a setting is missing or wrong, or pulumi-azure-native is not installed.
    """
    config = pulumi.Config(NAMESPACE)
    names = [key.removeprefix(prefix) for key in config_keys() if key.startswith(prefix := f"{NAMESPACE}:")]
    values = {name: config.get(name) or "" for name in sorted(names)}
    secret = [name for name in names if pulumi.runtime.is_config_secret(config.full_key(name))]
    try:
        arguments = arguments_of_texts(values, secret)
        if arguments is None:
            return None
        require("alerts")
    except (SettingsError, MissingExtraError) as error:
        raise pulumi.RunError(str(error)) from None
    from eptura_scim.alerts.component import EpturaScimAlerts

    arguments |= {"service_principal_object_id": service_principal_object_id, "client_id": client_id}
    return EpturaScimAlerts(name, cast(EpturaScimAlertsArgs, arguments))


def __getattr__(name: str) -> Any:
    if name == "EpturaScimAlerts":
        from eptura_scim.alerts.component import EpturaScimAlerts

        return EpturaScimAlerts
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
