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
from eptura_scim.emulator.tenant import NON_GALLERY_TEMPLATE
from eptura_scim.mapping.scoping import scope_with
from eptura_scim.mapping.tree import source_tree

__all__ = ["FlowType", "Portal"]

FlowType = Literal["Always", "ObjectAddOnly", "MultiValueAddOnly", "ValueAddOnly", "AttributeAddOnly"]
"""Graph's words for "Apply this mapping": Always, Only during creation, …"""

_Kind = Literal["User", "Group"]


class Portal:
    """The admin centre, opened at one application: the tenant's only one, or the one that `of` names."""

    def __init__(self, directory: Directory, synchronization: Synchronization, app: str | None = None) -> None:
        self._directory = directory
        self._synchronization = synchronization
        self._app = app

    def of(self, app: str) -> Portal:
        """The portal at an application: its display name, or its or its service principal's object id."""
        return Portal(self._directory, self._synchronization, app)

    def applications(self) -> list[str]:
        """The display names of all applications, oldest first."""
        return [found["displayName"] for found in self._directory.applications()]

    # Enterprise application

    def create_application(self, display_name: str) -> str:
        """Create your own application, not in the gallery; returns the service principal's object id."""
        made = self._directory.instantiate(NON_GALLERY_TEMPLATE, display_name)
        return str(made["servicePrincipal"]["id"])

    def service_principal(self) -> Json:
        """The service principal, as Graph shows it."""
        return self._directory.service_principal(self._id())

    def rename(self, name: str) -> None:
        """Properties: Name. It renames the enterprise application, not the app registration."""
        self._directory.update_service_principal(self._id(), {"displayName": name})

    def disable_sign_in(self) -> None:
        """Properties: Enabled for users to sign-in? No."""
        self._directory.update_service_principal(self._id(), {"accountEnabled": False})

    def enable_sign_in(self) -> None:
        """Properties: Enabled for users to sign-in? Yes."""
        self._directory.update_service_principal(self._id(), {"accountEnabled": True})

    def require_assignment(self, required: bool = True) -> None:
        """Properties: Assignment required?"""
        self._directory.update_service_principal(self._id(), {"appRoleAssignmentRequired": required})

    def delete_service_principal(self) -> None:
        """Delete the enterprise application's service principal; the app registration stays."""
        self._directory.delete_service_principal(self._id())

    def delete_application(self) -> None:
        """Delete the app registration, and the service principal with it."""
        self._directory.delete_application(self._application()["id"])

    # Provisioning

    def create_job(self) -> str:
        """Get started / New configuration; returns the job's id."""
        return str(self._synchronization.create_job(self._owner(), "scim")["id"])

    def job(self) -> Json:
        """The job, as Graph shows it."""
        return self._synchronization.job(self._owner(), self._job_id())

    def restarts(self) -> list[list[str]]:
        """The reset scopes of each restart of the job."""
        return self._synchronization.restarts(self._owner(), self._job_id())

    def start(self) -> None:
        """Start provisioning."""
        self._synchronization.start(self._owner(), self._job_id())

    def stop(self) -> None:
        """Pause provisioning."""
        self._synchronization.pause(self._owner(), self._job_id())

    def restart(self) -> None:
        """Restart provisioning."""
        self._synchronization.restart(self._owner(), self._job_id(), "")

    def allow_deletes(self) -> None:
        """Allow deletes, after more of them than the threshold allows were staged."""
        self._synchronization.restart(self._owner(), self._job_id(), "ForceDeletes")

    def delete_job(self) -> None:
        """Delete the configuration."""
        self._synchronization.delete_job(self._owner(), self._job_id())

    # Connectivity and settings

    def secrets(self) -> dict[str, str]:
        """The saved secrets, as Graph shows them."""
        return {pair["key"]: pair["value"] for pair in self._synchronization.secrets(self._owner())}

    def set_tenant_url(self, url: str) -> None:
        """Connectivity: Tenant URL."""
        self._save(BaseAddress=url)

    def set_secret_token(self, token: str) -> None:
        """Connectivity: Secret token."""
        self._save(SecretToken=token)

    def set_scope(self, scope: Literal["all", "assigned"]) -> None:
        """Settings: Scope."""
        self._save(SyncAll="true" if scope == "all" else "false")

    def set_notification_email(self, address: str) -> None:
        """Settings: Send an email notification when a failure occurs; an empty address turns it off."""
        self._set_notification(Enabled=bool(address), Recipients=address)

    def set_deletion_threshold(self, threshold: int | None) -> None:
        """Settings: Prevent accidental deletion; None turns it off."""
        self._set_notification(DeleteThresholdEnabled=threshold is not None, DeleteThresholdValue=threshold or 500)

    def skip_out_of_scope_deletions(self, skip: bool = True) -> None:
        """Not in the portal: the secret SkipOutOfScopeDeletions, as its page tells to set it in Graph."""
        self._save(SkipOutOfScopeDeletions=str(skip))

    # Attribute mappings

    def schema(self) -> Json:
        """The job's schema."""
        return self._synchronization.schema(self._owner(), self._job_id())

    def edit_schema(self, edit: Callable[[Json], None]) -> None:
        """Read the schema, edit it in place, save it."""
        with self._synchronization.lock:
            schema = self.schema()
            edit(schema)
            self._synchronization.put_schema(self._owner(), self._job_id(), schema)

    def restore_default_mappings(self) -> None:
        """Mappings: Restore default mappings."""
        self._synchronization.reset_schema(self._owner(), self._job_id())

    def add_user_mapping(self, target: str, source: str, *, precedence: int = 0) -> None:
        """Add New Mapping for users; `source` is an expression such as `[jobTitle]`."""
        self._add("User", target, source, precedence)

    def add_group_mapping(self, target: str, source: str, *, precedence: int = 0) -> None:
        """Add New Mapping for groups."""
        self._add("Group", target, source, precedence)

    def remove_user_mapping(self, target: str) -> None:
        """Delete a mapping of users."""
        self._remove("User", target)

    def remove_group_mapping(self, target: str) -> None:
        """Delete a mapping of groups."""
        self._remove("Group", target)

    def set_user_source(self, target: str, source: str) -> None:
        """Edit Attribute of users: Source attribute or Expression."""
        self._set("User", target, source=source_tree(source))

    def set_group_source(self, target: str, source: str) -> None:
        """Edit Attribute of groups: Source attribute or Expression."""
        self._set("Group", target, source=source_tree(source))

    def set_default(self, target: str, value: str | None, *, kind: _Kind = "User") -> None:
        """Edit Attribute: Default value if null."""
        self._set(kind, target, defaultValue=value)

    def set_apply(self, target: str, flow_type: FlowType, *, kind: _Kind = "User") -> None:
        """Edit Attribute: Apply this mapping."""
        self._set(kind, target, flowType=flow_type)

    def set_flow_behavior(
        self, target: str, behavior: Literal["FlowWhenChanged", "FlowAlways"], *, kind: _Kind = "User"
    ) -> None:
        """Not in the portal: flowBehavior, which Graph and the schema editor have."""
        self._set(kind, target, flowBehavior=behavior)

    def set_matching_precedence(self, target: str, precedence: int, *, kind: _Kind = "User") -> None:
        """Edit Attribute: Match objects using this attribute and Matching precedence; 0 is No."""
        self._set(kind, target, matchingPriority=precedence)

    def swap_group_matching(self) -> None:
        """Swap the matching precedences of the groups' displayName and externalId."""

        def edit(schema: Json) -> None:
            rows = {name: _row(schema, "Group", name) for name in ("displayName", "externalId")}
            first, second = rows["displayName"], rows["externalId"]
            first["matchingPriority"], second["matchingPriority"] = (
                second["matchingPriority"],
                first["matchingPriority"],
            )

        self.edit_schema(edit)

    def enable_groups(self) -> None:
        """Provision Microsoft Entra ID Groups: Enabled Yes."""
        self.edit_schema(lambda schema: _mapping(schema, "Group").update(enabled=True))

    def disable_groups(self) -> None:
        """Provision Microsoft Entra ID Groups: Enabled No."""
        self.edit_schema(lambda schema: _mapping(schema, "Group").update(enabled=False))

    def set_scoping_filter(self, text: str | None, *, kind: _Kind = "User") -> None:
        """Source Object Scope: `department EQUALS "sales"`; None lets all in."""

        def edit(schema: Json) -> None:
            mapping = _mapping(schema, kind)
            mapping["scope"] = scope_with(mapping["scope"], text)

        self.edit_schema(edit)

    def set_object_actions(self, flow_types: str, *, kind: _Kind = "User") -> None:
        """Target Object Actions: `Add,Update,Delete` or fewer."""
        self.edit_schema(lambda schema: _mapping(schema, kind).update(flowTypes=flow_types))

    def add_custom_attribute(self, name: str, *, kind: _Kind = "User", type_: str = "String") -> None:
        """Edit attribute list for customappsso: a new attribute definition of the target."""

        def edit(schema: Json) -> None:
            mapping, rule = _mapping(schema, kind), schema["synchronizationRules"][0]
            for directory in schema["directories"]:
                for item in directory["objects"]:
                    if directory["name"] == rule["targetDirectoryName"] and item["name"] == mapping["targetObjectName"]:
                        item["attributes"].append(_definition(name, type_))

        self.edit_schema(edit)

    def reformat(self) -> None:
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

        self.edit_schema(edit)

    # Inside

    def _id(self) -> str:
        """Object id of the service principal."""
        with self._directory.lock:
            application = self._application()
            found = self._directory.find_service_principal(application["appId"])
            if found is None:
                raise UnknownAppError(f"the application {application['displayName']!r} has no service principal")
            return found

    def _application(self) -> Json:
        applications = self._directory.applications()
        if self._app is not None:
            names = {found["appId"]: found for found in self._directory.service_principals()}
            applications = [
                found
                for found in applications
                if self._app in {found["id"], found["displayName"]}
                or self._app in {names.get(found["appId"], {}).get(key) for key in ("id", "displayName")}
            ]
        if len(applications) != 1:
            what = "the tenant has" if self._app is None else f"{self._app!r} names"
            raise UnknownAppError(
                f"{what} {len(applications)} applications, one was expected; use portal.of(name or id)"
            )
        return applications[0]

    def _owner(self) -> tuple[str, str]:
        return "servicePrincipals", self._id()

    def _job_id(self) -> str:
        found = self._synchronization.jobs(self._owner())
        if len(found) != 1:
            raise UnknownAppError(f"the application has {len(found)} synchronization jobs, one was expected")
        return str(found[0]["id"])

    def _save(self, **changes: str) -> None:
        """What Save does: the service knows the values that it does not show."""
        with self._synchronization.lock:
            values = {**self._synchronization.saved_secrets(self._owner()), **changes}
            pairs = [{"key": key, "value": value} for key, value in values.items()]
            self._synchronization.put_secrets(self._owner(), pairs)

    def _set_notification(self, **changes: Any) -> None:
        with self._synchronization.lock:
            text = self._synchronization.saved_secrets(self._owner()).get("SyncNotificationSettings")
            settings = json.loads(text) if text else {"Enabled": False, "DeleteThresholdEnabled": False}
            self._save(SyncNotificationSettings=json.dumps({**settings, **changes}, separators=(",", ":")))

    def _add(self, kind: _Kind, target: str, source: str, precedence: int) -> None:
        row = {
            "defaultValue": None,
            "exportMissingReferences": False,
            "flowBehavior": "FlowWhenChanged",
            "flowType": "Always",
            "matchingPriority": precedence,
            "targetAttributeName": target,
            "source": source_tree(source),
        }
        self.edit_schema(lambda schema: _mapping(schema, kind)["attributeMappings"].append(row))

    def _remove(self, kind: _Kind, target: str) -> None:
        def edit(schema: Json) -> None:
            _mapping(schema, kind)["attributeMappings"].remove(_row(schema, kind, target))

        self.edit_schema(edit)

    def _set(self, kind: _Kind, target: str, **changes: Any) -> None:
        self.edit_schema(lambda schema: _row(schema, kind, target).update(changes))


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
