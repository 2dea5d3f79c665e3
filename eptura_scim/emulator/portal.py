"""What a person does in the Entra admin centre, for tests of drift and for demonstrations.

Each method does what the page does: reads, edits, and saves through the same rules as the HTTP side. Such edits are not
calls of a client: they are not in the log of calls and meet no faults.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal

from eptura_scim.emulator.directory import Directory
from eptura_scim.emulator.errors import UnknownAppError
from eptura_scim.emulator.records import Json
from eptura_scim.emulator.synchronization import Synchronization
from eptura_scim.mapping.functions import source_tree

__all__ = ["FlowType", "Portal"]

FlowType = Literal["Always", "ObjectAddOnly", "MultiValueAddOnly", "ValueAddOnly", "AttributeAddOnly"]
"""Graph's words for "Apply this mapping": Always, Only during creation, …"""

_Kind = Literal["User", "Group"]


class Portal:
    """The admin centre. `app` is a display name or the object id of a service principal or application."""

    def __init__(self, directory: Directory, synchronization: Synchronization) -> None:
        self._directory = directory
        self._synchronization = synchronization

    # Enterprise application

    def create_application(self, display_name: str) -> str:
        """Create your own application, not in the gallery; returns the service principal's object id."""
        from eptura_scim.emulator.tenant import NON_GALLERY_TEMPLATE

        made = self._directory.instantiate(NON_GALLERY_TEMPLATE, display_name)
        return str(made["servicePrincipal"]["id"])

    def service_principal(self, app: str) -> Json:
        """The service principal, as Graph shows it."""
        return self._directory.service_principal(self._id(app))

    def rename(self, app: str, name: str) -> None:
        """Properties: Name. It renames the enterprise application, not the app registration."""
        self._directory.update_service_principal(self._id(app), {"displayName": name})

    def disable_sign_in(self, app: str) -> None:
        """Properties: Enabled for users to sign-in? No."""
        self._directory.update_service_principal(self._id(app), {"accountEnabled": False})

    def enable_sign_in(self, app: str) -> None:
        """Properties: Enabled for users to sign-in? Yes."""
        self._directory.update_service_principal(self._id(app), {"accountEnabled": True})

    def require_assignment(self, app: str, required: bool = True) -> None:
        """Properties: Assignment required?"""
        self._directory.update_service_principal(self._id(app), {"appRoleAssignmentRequired": required})

    def delete_service_principal(self, app: str) -> None:
        """Delete the enterprise application's service principal; the app registration stays."""
        self._directory.delete_service_principal(self._id(app))

    def delete_application(self, app: str) -> None:
        """Delete the app registration, and the service principal with it."""
        self._directory.delete_application(self._application_id(app))

    # Provisioning

    def create_job(self, app: str) -> str:
        """Get started / New configuration; returns the job's id."""
        return str(self._synchronization.create_job(self._owner(app), "scim")["id"])

    def job(self, app: str) -> Json:
        """The job, as Graph shows it."""
        return self._synchronization.job(self._owner(app), self._job_id(app))

    def restarts(self, app: str) -> list[list[str]]:
        """The reset scopes of each restart of the job."""
        return self._synchronization.restarts(self._owner(app), self._job_id(app))

    def start(self, app: str) -> None:
        """Start provisioning."""
        self._synchronization.start(self._owner(app), self._job_id(app))

    def stop(self, app: str) -> None:
        """Pause provisioning."""
        self._synchronization.pause(self._owner(app), self._job_id(app))

    def restart(self, app: str) -> None:
        """Restart provisioning."""
        self._synchronization.restart(self._owner(app), self._job_id(app), "")

    def delete_job(self, app: str) -> None:
        """Delete the configuration."""
        self._synchronization.delete_job(self._owner(app), self._job_id(app))

    # Connectivity and settings

    def secrets(self, app: str) -> dict[str, str]:
        """The saved secrets, as Graph shows them."""
        return {pair["key"]: pair["value"] for pair in self._synchronization.secrets(self._owner(app))}

    def set_tenant_url(self, app: str, url: str) -> None:
        """Connectivity: Tenant URL."""
        self._save(app, BaseAddress=url)

    def set_secret_token(self, app: str, token: str) -> None:
        """Connectivity: Secret token."""
        self._save(app, SecretToken=token)

    def set_scope(self, app: str, scope: Literal["all", "assigned"]) -> None:
        """Settings: Scope."""
        self._save(app, SyncAll="true" if scope == "all" else "false")

    def set_notification_email(self, app: str, address: str) -> None:
        """Settings: Send an email notification when a failure occurs; an empty address turns it off."""
        self._set_notification(app, Enabled=bool(address), Recipients=address)

    def set_deletion_threshold(self, app: str, threshold: int | None) -> None:
        """Settings: Prevent accidental deletion; None turns it off."""
        self._set_notification(app, DeleteThresholdEnabled=threshold is not None, DeleteThresholdValue=threshold or 500)

    def skip_out_of_scope_deletions(self, app: str, skip: bool = True) -> None:
        """Not in the portal: the secret SkipOutOfScopeDeletions, as its page tells to set it in Graph."""
        self._save(app, SkipOutOfScopeDeletions=str(skip))

    # Attribute mappings

    def schema(self, app: str) -> Json:
        """The job's schema."""
        return self._synchronization.schema(self._owner(app), self._job_id(app))

    def edit_schema(self, app: str, edit: Callable[[Json], None]) -> None:
        """Read the schema, edit it in place, save it."""
        with self._synchronization.lock:
            schema = self.schema(app)
            edit(schema)
            self._synchronization.put_schema(self._owner(app), self._job_id(app), schema)

    def restore_default_mappings(self, app: str) -> None:
        """Mappings: Restore default mappings."""
        self._synchronization.reset_schema(self._owner(app), self._job_id(app))

    def add_user_mapping(self, app: str, target: str, source: str, *, precedence: int = 0) -> None:
        """Add New Mapping for users; `source` is an expression such as `[jobTitle]`."""
        self._add(app, "User", target, source, precedence)

    def add_group_mapping(self, app: str, target: str, source: str, *, precedence: int = 0) -> None:
        """Add New Mapping for groups."""
        self._add(app, "Group", target, source, precedence)

    def remove_user_mapping(self, app: str, target: str) -> None:
        """Delete a mapping of users."""
        self._remove(app, "User", target)

    def remove_group_mapping(self, app: str, target: str) -> None:
        """Delete a mapping of groups."""
        self._remove(app, "Group", target)

    def set_user_source(self, app: str, target: str, source: str) -> None:
        """Edit Attribute of users: Source attribute or Expression."""
        self._set(app, "User", target, source=source_tree(source))

    def set_group_source(self, app: str, target: str, source: str) -> None:
        """Edit Attribute of groups: Source attribute or Expression."""
        self._set(app, "Group", target, source=source_tree(source))

    def set_default(self, app: str, target: str, value: str | None, *, kind: _Kind = "User") -> None:
        """Edit Attribute: Default value if null."""
        self._set(app, kind, target, defaultValue=value)

    def set_apply(self, app: str, target: str, flow_type: FlowType, *, kind: _Kind = "User") -> None:
        """Edit Attribute: Apply this mapping."""
        self._set(app, kind, target, flowType=flow_type)

    def set_flow_behavior(
        self, app: str, target: str, behavior: Literal["FlowWhenChanged", "FlowAlways"], *, kind: _Kind = "User"
    ) -> None:
        """Not in the portal: flowBehavior, which Graph and the schema editor have."""
        self._set(app, kind, target, flowBehavior=behavior)

    def set_matching_precedence(self, app: str, target: str, precedence: int, *, kind: _Kind = "User") -> None:
        """Edit Attribute: Match objects using this attribute and Matching precedence; 0 is No."""
        self._set(app, kind, target, matchingPriority=precedence)

    def swap_group_matching(self, app: str) -> None:
        """Swap the matching precedences of the groups' displayName and externalId."""

        def edit(schema: Json) -> None:
            rows = {name: _row(schema, "Group", name) for name in ("displayName", "externalId")}
            first, second = rows["displayName"], rows["externalId"]
            first["matchingPriority"], second["matchingPriority"] = (
                second["matchingPriority"],
                first["matchingPriority"],
            )

        self.edit_schema(app, edit)

    def enable_groups(self, app: str) -> None:
        """Provision Microsoft Entra ID Groups: Enabled Yes."""
        self.edit_schema(app, lambda schema: _mapping(schema, "Group").update(enabled=True))

    def disable_groups(self, app: str) -> None:
        """Provision Microsoft Entra ID Groups: Enabled No."""
        self.edit_schema(app, lambda schema: _mapping(schema, "Group").update(enabled=False))

    def set_object_actions(self, app: str, flow_types: str, *, kind: _Kind = "User") -> None:
        """Target Object Actions: `Add,Update,Delete` or fewer."""
        self.edit_schema(app, lambda schema: _mapping(schema, kind).update(flowTypes=flow_types))

    def add_custom_attribute(self, app: str, name: str, *, kind: _Kind = "User", type_: str = "String") -> None:
        """Edit attribute list for customappsso: a new attribute definition of the target."""

        def edit(schema: Json) -> None:
            mapping, rule = _mapping(schema, kind), schema["synchronizationRules"][0]
            for directory in schema["directories"]:
                for item in directory["objects"]:
                    if directory["name"] == rule["targetDirectoryName"] and item["name"] == mapping["targetObjectName"]:
                        item["attributes"].append(_definition(name, type_))

        self.edit_schema(app, edit)

    def reformat(self, app: str) -> None:
        """Write the same schema in other words: keys, rows and flowTypes in another order, null and "" exchanged."""

        def edit(schema: Json) -> None:
            for kind in ("User", "Group"):
                mapping = _mapping(schema, kind)
                flows = [part.strip() for part in str(mapping["flowTypes"]).split(",")]
                mapping["flowTypes"] = ", ".join(reversed(flows))
                mapping["attributeMappings"].reverse()
                for row in mapping["attributeMappings"]:
                    row["defaultValue"] = "" if row.get("defaultValue") is None else row["defaultValue"] or None
                    source = row.get("source")
                    if source and source["type"] == "Function":
                        source["expression"] = source["expression"].replace(", ", " ,  ")
            turned = _reordered(schema)
            schema.clear()
            schema.update(turned)

        self.edit_schema(app, edit)

    # Inside

    def _id(self, app: str) -> str:
        with self._directory.lock:
            for found in self._directory.service_principals():
                if found["id"] == app:
                    return app
            for application in self._directory.applications():
                if application["id"] == app:
                    return self._single(app, self._directory.find_service_principal(app_id=application["appId"]))
            return self._single(app, self._directory.find_service_principal(display_name=app))

    def _application_id(self, app: str) -> str:
        with self._directory.lock:
            applications = self._directory.applications()
            if any(found["id"] == app for found in applications):
                return app
            try:
                app_id = self._directory.service_principal(self._id(app))["appId"]
                return str(next(found["id"] for found in applications if found["appId"] == app_id))
            except UnknownAppError:
                return self._single(app, [found["id"] for found in applications if found["displayName"] == app])

    @staticmethod
    def _single(app: str, found: list[str]) -> str:
        if len(found) != 1:
            what = "no application is" if not found else f"{len(found)} applications are"
            raise UnknownAppError(f"{what} called {app!r}")
        return found[0]

    def _owner(self, app: str) -> tuple[str, str]:
        return "servicePrincipals", self._id(app)

    def _job_id(self, app: str) -> str:
        found = self._synchronization.jobs(self._owner(app))
        if len(found) != 1:
            raise UnknownAppError(f"{app!r} has {len(found)} synchronization jobs, one was expected")
        return str(found[0]["id"])

    def _save(self, app: str, **changes: str) -> None:
        """What Save does: the service knows the values that it does not show."""
        with self._synchronization.lock:
            values = {**self._synchronization.saved_secrets(self._owner(app)), **changes}
            pairs = [{"key": key, "value": value} for key, value in values.items()]
            self._synchronization.put_secrets(self._owner(app), pairs)

    def _set_notification(self, app: str, **changes: Any) -> None:
        with self._synchronization.lock:
            text = self._synchronization.saved_secrets(self._owner(app)).get("SyncNotificationSettings")
            settings = json.loads(text) if text else {"Enabled": False, "DeleteThresholdEnabled": False}
            self._save(app, SyncNotificationSettings=json.dumps({**settings, **changes}, separators=(",", ":")))

    def _add(self, app: str, kind: _Kind, target: str, source: str, precedence: int) -> None:
        row = {
            "defaultValue": None,
            "exportMissingReferences": False,
            "flowBehavior": "FlowWhenChanged",
            "flowType": "Always",
            "matchingPriority": precedence,
            "targetAttributeName": target,
            "source": source_tree(source),
        }
        self.edit_schema(app, lambda schema: _mapping(schema, kind)["attributeMappings"].append(row))

    def _remove(self, app: str, kind: _Kind, target: str) -> None:
        def edit(schema: Json) -> None:
            _mapping(schema, kind)["attributeMappings"].remove(_row(schema, kind, target))

        self.edit_schema(app, edit)

    def _set(self, app: str, kind: _Kind, target: str, **changes: Any) -> None:
        self.edit_schema(app, lambda schema: _row(schema, kind, target).update(changes))


def _mapping(schema: Json, kind: str) -> Json:
    for rule in schema["synchronizationRules"]:
        for mapping in rule["objectMappings"]:
            if mapping["sourceObjectName"] == kind:
                found: Json = mapping
                return found
    raise UnknownAppError(f"the schema has no mapping of {kind} objects")


def _row(schema: Json, kind: str, target: str) -> Json:
    for row in _mapping(schema, kind)["attributeMappings"]:
        if row["targetAttributeName"] == target:
            found: Json = row
            return found
    raise UnknownAppError(f"there is no mapping of {kind} objects to {target!r}")


def _definition(name: str, type_: str) -> Json:
    return {
        "anchor": False,
        "caseExact": False,
        "defaultValue": None,
        "flowNullValues": False,
        "multivalued": False,
        "mutability": "ReadWrite",
        "name": name,
        "required": False,
        "type": type_,
        "apiExpressions": [],
        "metadata": [],
        "referencedObjects": [],
    }


def _reordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reordered(value[key]) for key in reversed(value)}
    return [_reordered(item) for item in value] if isinstance(value, list) else value
