"""Documents of `pulumi preview --json` as the CLI 3.259 prints them, with the parts that are read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from eptura_scim.types import Json

_COMPONENT = "eptura-scim:index:EpturaScimProvisioning"
_TYPES = {
    "ApplicationFromTemplate": "azuread:index/applicationFromTemplate:ApplicationFromTemplate",
    "ServicePrincipal": "azuread:index/servicePrincipal:ServicePrincipal",
}
COST = "changed mappings start a new initial cycle over all users and groups"


def urn(kind: str, name: str = "eptura") -> str:
    return f"urn:pulumi:prod::eptura::{_COMPONENT}${_TYPES.get(kind, f'eptura-scim:index:{kind}')}::{name}"


def update(kind: str, live: Json, wanted: Json, identifier: str = "", **details: str) -> Json:
    """A resource that differs; `details` says how, by path, with `__` for a dot."""
    return step(
        kind,
        "update",
        oldState={"id": identifier, "inputs": live, "outputs": live},
        newState={"id": identifier, "inputs": wanted},
        detailedDiff={path.replace("__", "."): {"kind": how, "inputDiff": True} for path, how in details.items()},
    )


def step(kind: str, operation: str, **parts: Any) -> Json:
    return {"op": operation, "urn": urn(kind), "detailedDiff": None, **parts}


def same(kind: str, identifier: str) -> Json:
    state = {"id": identifier, "inputs": {}, "outputs": {}}
    return step(kind, "same", oldState=state, newState=state)


def said(kind: str, message: str, severity: str = "warning") -> Json:
    return {"urn": urn(kind), "message": f"{severity}: {message}\n", "severity": severity}


def document(*steps: Json, diagnostics: list[Json] | None = None, config: Mapping[str, str] | None = None) -> str:
    stack = {"op": "refresh", "urn": "urn:pulumi:prod::eptura::pulumi:pulumi:Stack::eptura-prod"}
    return json.dumps(
        {"config": dict(config or {}), "steps": [stack, *steps], "diagnostics": diagnostics or [], "duration": 1}
    )


def mapping(source: str, **more: Any) -> Json:
    return {
        "source": source,
        "matchingPrecedence": 0,
        "apply": "Always",
        "flowBehavior": "FlowWhenChanged",
        **more,
    }


def edited_by_hand(application: str = "", principal: str = "") -> str:
    """Six edits by hand in four resources."""
    live = {"users": {"externalId": mapping("[mailNickname]"), "title": mapping("[jobTitle]")}}
    wanted = {"users": {"externalId": mapping("[objectId]"), 'emails[type eq "work"].value': mapping("[mail]")}}
    return document(
        same("ApplicationFromTemplate", f"/applicationTemplates/T/instantiate/{application}/{principal}"),
        update(
            "EnterpriseApplicationName",
            {"displayName": "Old Eptura"},
            {"displayName": "EpturaScimApplication"},
            principal,
            displayName="update",
        ),
        update("SynchronizationSecrets", {"scope": "assigned"}, {"scope": "all"}, scope="update"),
        update(
            "SynchronizationSchema",
            live,
            wanted,
            **{
                "users.externalId.source": "update",
                "users.title": "delete",
                'users["emails[type eq \\"work\\"].value"]': "add",
            },
        ),
        update(
            "SynchronizationJobState",
            {"provisioningStatus": "Off"},
            {"provisioningStatus": "On"},
            provisioningStatus="update",
        ),
        diagnostics=[
            said("SynchronizationSchema", COST),
            said("SynchronizationSchema", '~ users.externalId.source: "[mailNickname]" => "[objectId]"', "info"),
        ],
    )
