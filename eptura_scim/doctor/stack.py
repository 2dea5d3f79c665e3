"""The stack in this folder: its settings, its token, and which objects of Entra it knows."""

from __future__ import annotations

import os
from dataclasses import dataclass

from eptura_scim.doctor.finding import Finding
from eptura_scim.engine import EngineError, ProjectStack
from eptura_scim.engine.stack_objects import StackObjects, objects_of
from eptura_scim.environment import try_out_leak
from eptura_scim.errors import without_secrets
from eptura_scim.input_rules import is_example
from eptura_scim.settings import Settings, SettingsError, settings_of_texts

__all__ = ["StackView", "view"]

_SET_TENANT_URL = "set tenantUrl to the address that Eptura gave you"
_TOKEN = "secretToken"  # noqa: S105  (the setting's name)


@dataclass(frozen=True)
class StackView:
    """A stack, read."""

    name: str
    findings: list[Finding]
    application_name: str
    settings: Settings | None
    """None where they are wrong or incomplete."""
    tenant_url: str
    token: str | None
    undecryptable: bool
    """Whether a token is set that cannot be decrypted."""
    objects: StackObjects


def view(stack: ProjectStack) -> StackView:
    """Read settings and state. Raises EngineError where the stack cannot be read at all."""
    config, objects = stack.config(), objects_of(stack.resources())
    findings, settings, secrets, undecryptable = [], None, dict.fromkeys(config.secret, ""), False
    try:
        secrets = {name: stack.secret(name) for name in config.secret}
    except EngineError as error:
        undecryptable = _TOKEN in config.secret
        said = f"{', '.join(sorted(config.secret))} cannot be decrypted: {error}"
        todo = "set the right passphrase, or log in to where the key of these secrets is"
        findings.append(Finding("settings", "red", said, todo))
    values = {**config.values, **secrets}
    try:
        settings = settings_of_texts(values, config.secret)
        findings.append(Finding("settings", "green", f"those of the stack {stack.name} are complete and valid"))
    except SettingsError as error:
        lines = [without_secrets(line.strip(), *secrets.values()) for line in str(error).splitlines()[1:]]
        if not findings:
            findings = [Finding("settings", "red", f"{line} (stack {stack.name})") for line in lines]
    if is_example(values.get("tenantUrl", "")):
        findings.append(
            Finding("settings", "yellow", "tenantUrl names a host that is reserved for examples", _SET_TENANT_URL)
        )
    if leak := try_out_leak(values.get("tenantUrl", ""), os.environ):
        findings.append(Finding("settings", "red", leak))
    return StackView(
        name=stack.name,
        findings=findings,
        application_name=values.get("applicationName") or Settings.model_fields["application_name"].default,
        settings=settings,
        tenant_url=_usable(values.get("tenantUrl", "")),
        token=secrets.get(_TOKEN) or None,
        undecryptable=undecryptable,
        objects=objects,
    )


def _usable(url: str) -> str:
    """The tenant URL, where it is one that may be asked."""
    try:
        return settings_of_texts({"tenantUrl": url, _TOKEN: "set"}, {_TOKEN}).tenant_url
    except SettingsError:
        return ""
