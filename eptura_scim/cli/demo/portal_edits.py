"""What the demo does by hand in the portal, and what a preview has to say about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eptura_scim.graph.secrets import COMPLIANCE_FLAG

if TYPE_CHECKING:
    from eptura_scim.local_entra import LocalEntra

__all__ = ["EDITS", "DemoEdit", "expected_drift"]

Drift = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class DemoEdit:
    """One edit: the sentence that announces it, the clicks, and the differences it makes, by resource and path."""

    sentence: str
    make: Callable[[LocalEntra], object]
    differences: Drift


_RESTART: Drift = {"SynchronizationJobState": {"provisioningStatus": "update"}}
"""The repair pauses provisioning and restarts it."""

EDITS = (
    DemoEdit(
        "adds an attribute mapping: title from jobTitle",
        lambda entra: entra.portal.add_user_mapping("title", "[jobTitle]"),
        {"SynchronizationSchema": {"users.title": "delete"}},
    ),
    DemoEdit(
        "removes the mapping of the work e-mail address",
        lambda entra: entra.portal.remove_user_mapping('emails[type eq "work"].value'),
        {"SynchronizationSchema": {r'users["emails[type eq \"work\"].value"]': "add"}},
    ),
    DemoEdit(
        "takes userName from mail instead of userPrincipalName",
        lambda entra: entra.portal.set_user_source("userName", "[mail]"),
        {"SynchronizationSchema": {"users.userName.source": "update"}},
    ),
    DemoEdit(
        "applies externalId only during object creation",
        lambda entra: entra.portal.set_apply("externalId", "ObjectAddOnly"),
        {"SynchronizationSchema": {"users.externalId.apply": "update"}},
    ),
    DemoEdit(
        "swaps the matching precedence of externalId and displayName of groups",
        lambda entra: entra.portal.swap_group_matching(),
        {
            "SynchronizationSchema": {
                "groups.externalId.matchingPrecedence": "update",
                "groups.displayName.matchingPrecedence": "update",
            }
        },
    ),
    DemoEdit(
        "narrows the scope to assigned users and groups",
        lambda entra: entra.portal.set_scope("assigned"),
        {"SynchronizationSecrets": {"scope": "update"}, **_RESTART},
    ),
    DemoEdit(
        "appends a feature flag to the tenant URL",
        lambda entra: entra.portal.set_tenant_url(f"{entra.scim.url}?{COMPLIANCE_FLAG}"),
        {"SynchronizationSecrets": {"tenantUrl": "update"}, **_RESTART},
    ),
    DemoEdit(
        "stops provisioning",
        lambda entra: entra.portal.stop(),
        _RESTART,
    ),
)


def expected_drift(edits: Iterable[DemoEdit]) -> dict[str, dict[str, str]]:
    """What a preview names after all these edits: this and nothing else."""
    expected: dict[str, dict[str, str]] = {}
    for edit in edits:
        for resource, paths in edit.differences.items():
            expected.setdefault(resource, {}).update(paths)
    return expected
