"""What Eptura documents of its SCIM API, on top of scim2-server: the SCIM server beside the local Entra behaves so.

Sources: Eptura Knowledge Center, "Eptura SCIM API" (supported actions, limitations), "User operations", "Group
operations", "Schemas". Microsoft certified it for Entra ID, so it takes what Entra sends where that is not RFC 7644.
What Eptura leaves open is in `Switches` (`eptura_…`).

    paths                 also in lower case: /users, /groups, /schemas, /serviceproviderconfig, /resourcetypes
    users                 userName and name are needed, userName is unique (409), externalId never changes
    groups                displayName changes by replace only, a member is a user and never a group
    filters               users by any attribute, groups by displayName; no `not`, no groups by created or modified
    not supported         sort, bulk, ETags, changePassword; selection of a part of emails or phoneNumbers
    read                  digits of a telephone number come back grouped, at most 200 resources a page
    Entra's dialect       members removed by a value, an element that a path describes is made, a manager as bare text
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from scim2_models import (
    InvalidFilterException,
    InvalidValueException,
    MutabilityException,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
)
from scim2_server.requests import ScimRequest
from scim2_server.routing import RESERVED_NAMES
from scim2_server.service import ScimService
from scim2_server.testserver.application import BEARER_TOKEN_SCHEME
from scim2_server.utils import load_default_resource_types, load_default_schemas

from eptura_scim.local_entra.strict_json import read_document
from eptura_scim.local_entra.switches import Switches
from eptura_scim.mapping.scim_schemas import ENTERPRISE_USER, MICROSOFT_GROUP

__all__ = ["EpturaService", "eptura_provider"]

_NAMES = {name.lower(): name for name in RESERVED_NAMES}
_DIGITS = re.compile(r"\d{7,}")
_PART = re.compile(r"\s*(emails|phoneNumbers)\.\w+\s*", re.IGNORECASE)
_NOT = re.compile(r"(?:^|[\s(])not\s*\(", re.IGNORECASE)
_GROUP_FILTER = re.compile(r'\s*(?P<name>[\w.]+)\s+\w+\s+(?:"(?:[^"\\]|\\.)*"|\S+)', re.IGNORECASE)


@cache
def eptura_provider() -> ScimProvider:
    """What the service announces, and how it reads Entra's requests. Immutable, and slow to build."""
    config = ServiceProviderConfig.model_validate(
        {
            "patch": {"supported": True},
            "filter": {"supported": True, "maxResults": 200},
            **{name: {"supported": False} for name in ("bulk", "changePassword", "sort", "etag")},
        }
    )
    config.authentication_schemes = [BEARER_TOKEN_SCHEME]
    return ScimProvider.from_discovery(
        load_default_schemas().values(),
        load_default_resource_types().values(),
        config=config,
        policy=ScimPolicy(
            unknown=ScimPolicy.Unknown.ignore,
            remove_value_as_filter=ScimPolicy.RemoveValue.apply,
            unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
        ),
    )


class EpturaService(ScimService):  # type: ignore[misc]
    """scim2-server's steps with Eptura's rules."""

    def __init__(self, switches: Switches, is_group: Callable[[str], bool]) -> None:
        super().__init__(eptura_provider())
        self._switches = switches
        self._is_group = is_group

    @staticmethod
    def match(request: ScimRequest) -> Any:
        """Find the operation; names of endpoints count without case."""
        head, *rest = request.path.strip("/").split("/")
        return ScimService.match(replace(request, path="/".join(["", _NAMES.get(head.lower(), head), *rest])))

    def read_creation(self, resource_type: Any, body: bytes, content_type: str | None) -> Any:
        """Refuse a user without a name, and a group in a group. Raises InvalidValueException."""
        made = super().read_creation(resource_type, _plain(body), content_type)
        if resource_type.name == "User" and made.name is None:
            raise InvalidValueException(detail="name is required")
        self._refuse_groups(made)
        return made

    def read_patch(self, resource_type: Any, body: bytes, content_type: str | None) -> Any:
        """Refuse what a PATCH may not do, whatever the resource is. Raises InvalidValueException."""
        operations = _operations(body)
        if resource_type.name == "Group":
            for operation in operations:
                if _writes(operation, "displayName") and str(operation.get("op")).lower() != "replace":
                    raise InvalidValueException(detail="displayName of a group is changed by replace only")
        return super().read_patch(resource_type, _plain(body), content_type)

    def apply_patch(self, current: Any, patch_op: Any, conditions: Any) -> Any:
        """Apply a PATCH; externalId stays."""
        kind, before = current.meta.resource_type, current.external_id
        patched = super().apply_patch(current, patch_op, conditions)
        return patched if patched is None else self._checked(patched, kind, before)

    def apply_replacement(self, current: Any, replacement: Any, conditions: Any) -> Any:
        """Apply a PUT; externalId stays."""
        kind, before = current.meta.resource_type, current.external_id
        replaced = super().apply_replacement(current, replacement, conditions)
        return replaced if replaced is None else self._checked(replaced, kind, before)

    def read_response_parameters(self, resource_type: Any, query: Mapping[str, str]) -> Any:
        """Refuse the selection of a part of an attribute with several values."""
        _check_selection(query)
        return super().read_response_parameters(resource_type, query)

    def read_search(self, resource_types: list[Any], payload: Any) -> Any:
        """Refuse the filters and selections that are not supported. Raises InvalidFilterException."""
        if isinstance(payload, dict):
            _check_selection(payload)
        text = str(payload.get("filter") or "") if isinstance(payload, dict) else ""
        if _NOT.search(text):
            raise InvalidFilterException(detail="the operator not is not supported")
        if text and [item.name for item in resource_types] == ["Group"]:
            self._check_group_filter(text)
        return super().read_search(resource_types, payload)

    def publish(self, base_url: str, resource: Any) -> Any:
        """Show a resource; telephone numbers are reformatted."""
        published = super().publish(base_url, resource)
        if self._switches.eptura_phones == "reformatted":
            for phone in getattr(published, "phone_numbers", None) or []:
                if phone.value and _DIGITS.fullmatch(phone.value):
                    # As documented: 96844435192 comes back as 968-444-35192.
                    phone.value = f"{phone.value[:3]}-{phone.value[3:6]}-{phone.value[6:]}"
        return published

    def _checked(self, changed: Any, kind: str, external_id: str | None) -> Any:
        self._refuse_groups(changed)
        if kind != "User" or external_id in {None, changed.external_id}:
            return changed
        if changed.external_id is not None and self._switches.eptura_external_id_change == "refused":
            raise MutabilityException(detail="externalId is fixed and cannot be updated", attribute="externalId")
        changed.external_id = external_id
        return changed

    def _refuse_groups(self, resource: Any) -> None:
        for member in getattr(resource, "members", None) or []:
            if member.value and self._is_group(member.value):
                raise InvalidValueException(detail="a group cannot be a member of a group")

    def _check_group_filter(self, text: str) -> None:
        match = _GROUP_FILTER.fullmatch(text)
        names = {"displayname", *({"externalid"} if self._switches.eptura_group_external_id == "filterable" else ())}
        if match is None or match["name"].lower() not in names:
            raise InvalidFilterException(detail=f"groups cannot be filtered by {text}")


def _plain(body: bytes) -> bytes:
    """A body without what Entra alone says: its schema of groups, and a manager that is a bare identifier."""
    document = _document(body)
    if isinstance(document.get("schemas"), list):
        document["schemas"] = [urn for urn in document["schemas"] if urn != MICROSOFT_GROUP]
    enterprise = document.get(ENTERPRISE_USER)
    if isinstance(enterprise, dict) and isinstance(enterprise.get("manager"), str):
        enterprise["manager"] = {"value": enterprise["manager"]}
    operations = document.get("Operations")
    for operation in operations if isinstance(operations, list) else []:
        if _writes(operation, f"{ENTERPRISE_USER}:manager") and isinstance(operation.get("value"), str):
            operation["value"] = {"value": operation["value"]}
    return json.dumps(document).encode() if document else body


def _check_selection(query: Mapping[str, Any]) -> None:
    for name in ("attributes", "excludedAttributes"):
        asked = query.get(name) or []
        for chosen in asked.split(",") if isinstance(asked, str) else asked:
            if _PART.fullmatch(str(chosen)):
                raise InvalidValueException(detail=f"{name}: {str(chosen).strip()} cannot be selected")


def _operations(body: bytes) -> list[dict[str, Any]]:
    found = _document(body).get("Operations")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _writes(operation: Any, attribute: str) -> bool:
    if not isinstance(operation, dict):
        return False
    path, value = operation.get("path"), operation.get("value")
    names = [path] if path else list(value) if isinstance(value, dict) else []
    return any(str(name).lower() == attribute.lower() for name in names)


def _document(body: bytes) -> dict[str, Any]:
    """The body's object; empty for one that cannot be read, which scim2-server then refuses in its own words."""
    try:
        document = read_document(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
