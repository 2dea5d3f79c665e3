"""The settings of the stack that runs."""

from __future__ import annotations

import os

import pulumi

from eptura_scim.environment import try_out_leak
from eptura_scim.pulumi_internals import config_keys
from eptura_scim.settings.model import Settings, SettingsError
from eptura_scim.settings.texts import settings_of_texts

__all__ = ["settings"]

DEVELOPMENT_STACK = "dev"
"""The stack in which nothing is protected unless the settings say so."""


def settings(namespace: str | None = None) -> Settings:
    """The stack's settings. Ends the program with one message that lists every wrong one.

    They are the keys of the project, each of which has to be a setting. With a namespace they are the keys of that
    namespace alone, `NAMESPACE:tenantUrl`, and the rest of the configuration is the program's own.
    """
    config = pulumi.Config(namespace)
    # All keys of the namespace, not only the known ones: a misspelled setting has to be named.
    keys = config_keys()
    names = [key.removeprefix(prefix) for key in keys if key.startswith(prefix := f"{config.name}:")]
    values = {name: value for name in sorted(names) if (value := config.get(name)) is not None}
    secret = [name for name in names if pulumi.runtime.is_config_secret(config.full_key(name))]
    if not values.get("protect"):
        values["protect"] = "off" if pulumi.get_stack() == DEVELOPMENT_STACK else "on"
    try:
        found = settings_of_texts(values, secret, namespace or "")
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None
    if leak := try_out_leak(found.tenant_url, os.environ):
        raise pulumi.RunError(leak)
    return found
