"""What the next `pulumi up` changes at an application that is taken over: live state against settings."""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from eptura_scim import documented
from eptura_scim.adoption.live import Live
from eptura_scim.graph.gallery import FEATURE_TAGS
from eptura_scim.graph.synchronization import SynchronizationClient
from eptura_scim.plugin_sdk.difference import differences
from eptura_scim.plugin_sdk.messages import diff_lines
from eptura_scim.plugin_sdk.validation import dump
from eptura_scim.provider.base import JobResource
from eptura_scim.provider.job_state import SynchronizationJobState
from eptura_scim.provider.paused_changes import PausedChanges
from eptura_scim.provider.schema import SynchronizationSchema
from eptura_scim.provider.secrets import SynchronizationSecrets
from eptura_scim.settings import Settings

__all__ = ["Differing", "differing"]


_DOCUMENTED = {
    **{to_camel(name): value for name, value in documented.PROPERTIES.items()},
    "featureTags": {to_camel(name): documented.FEATURES.get(name, False) for name in FEATURE_TAGS},
}


# The job itself, and what is not read from Entra.
_NOT_COMPARED = {"servicePrincipalId", "jobId", "secretTokenFingerprint", "testSavedToken"}


class Differing(NamedTuple):
    """A resource whose live state is not what the settings say."""

    resource: str
    lines: list[str]
    """One for each difference, as the preview words it."""
    warnings: list[str]
    """What the change will cost."""


async def differing(live: Live, settings: Settings, api: SynchronizationClient) -> list[Differing]:
    """The resources that differ, in the order in which they are changed. May ask Graph for the job once more."""
    found = [
        _plain(
            "ApplicationFromTemplate",
            {"displayName": live.candidate.application.display_name},
            {"displayName": settings.application_name},
        ),
        _plain("ServicePrincipal", _properties(live), _DOCUMENTED),
        _plain(
            "EnterpriseApplicationName",
            {"displayName": live.candidate.principal.display_name},
            {"displayName": settings.application_name},
        ),
    ]
    if live.provisioning is not None:
        secrets, schema, state = live.provisioning.secrets, live.provisioning.schema, live.provisioning.state
        changes = PausedChanges()  # in the order of a run: what the first ones change, the last one restarts
        found += [
            await _ours(SynchronizationSecrets(api, changes=changes), secrets, _secrets(settings)),
            await _ours(SynchronizationSchema(api, changes=changes), schema, dump(settings.mappings)),
            await _ours(SynchronizationJobState(api, changes=changes), state, _state(settings)),
        ]
    return [one for one in found if one.lines]


def _properties(live: Live) -> dict[str, Any]:
    principal = live.candidate.principal
    return {
        "accountEnabled": principal.account_enabled,
        "appRoleAssignmentRequired": principal.app_role_assignment_required,
        "featureTags": {to_camel(name): tag in principal.tags for name, tag in FEATURE_TAGS.items()},
    }


def _secrets(settings: Settings) -> dict[str, Any]:
    return {
        "tenantUrl": settings.tenant_url,
        "scope": settings.scope,
        "notificationEmail": settings.notification_email,
        "accidentalDeletionThreshold": settings.accidental_deletion_threshold,
        "skipOutOfScopeDeletions": settings.skip_out_of_scope_deletions,
    }


def _state(settings: Settings) -> dict[str, Any]:
    return {
        "provisioningStatus": "On" if settings.provisioning else "Off",
        "deleteOtherJobs": settings.delete_other_jobs,
    }


def _plain(resource: str, old: dict[str, Any], new: dict[str, Any]) -> Differing:
    return Differing(resource, diff_lines(old, new, differences(old, new)), [])


async def _ours(resource: JobResource[Any], live: BaseModel, wanted: dict[str, Any]) -> Differing:
    state = dump(live)
    declared = {**{name: state[name] for name in _NOT_COMPARED if name in state}, **wanted}
    found = resource.differences(state, declared)
    return Differing(
        type(resource).__name__,
        diff_lines(state, declared, found),
        await resource.change_warnings(state, declared, [path for path, _ in found]),
    )
