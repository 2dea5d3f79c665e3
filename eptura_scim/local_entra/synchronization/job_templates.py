"""The templates that synchronization jobs are made from.

Source: Microsoft Graph v1.0, resource type synchronizationTemplate; Microsoft, "Known issues and resolutions with SCIM
2.0 protocol compliance" for the two of a non-gallery app. Which of them a new app lists is undocumented.
"""

from __future__ import annotations

from eptura_scim.local_entra.directory.templates.gallery import gallery_template
from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.storage.app_records import AppRecord
from eptura_scim.local_entra.tenant import NON_GALLERY_TEMPLATE
from eptura_scim.types import Json

__all__ = ["check_schema_is_known", "job_templates", "shown_template"]

_DESCRIPTIONS = {
    "scim": "Current template of apps that are not in the gallery.",
    "customappsso": "Template of 2018, no longer supported.",
}
"""Of the templates whose schema is known."""


def job_templates(record: AppRecord) -> tuple[str, ...]:
    """The ids of an application's job templates, the default one first; a registered app has those of "Custom".

    Raises ODataError 501 where they are not known.
    """
    found = gallery_template(record.application.get("applicationTemplateId") or NON_GALLERY_TEMPLATE)
    if found.jobs is None:
        raise ODataError.not_modelled(f"the provisioning of the gallery's {found.template['displayName']!r}")
    return found.jobs


def check_schema_is_known(template: str) -> None:
    """Raise ODataError 501 for a job template whose default schema is not known."""
    if template not in _DESCRIPTIONS:
        raise ODataError.not_modelled(f"the default schema of the job template {template!r}")


def shown_template(name: str, record: AppRecord) -> Json:
    """A job template of an application as Graph shows it."""
    return {
        "id": name,
        "applicationId": record.application["appId"],
        "default": name == job_templates(record)[0],
        "description": _DESCRIPTIONS.get(name),
        "discoverable": True,
        "factoryTag": name,
        "metadata": [
            {"key": "configurationFields", "value": '[{"name":"baseaddress"},{"name":"secrettoken","secret":true}]'}
        ],
    }
