"""The URNs of SCIM's schemas and of its list responses.

Source: RFC 7643, sections 4.1 to 4.3; RFC 7644, section 3.4.2; Microsoft, "Develop and plan provisioning for a SCIM
endpoint", Create Group.
"""

from __future__ import annotations

from eptura_scim.types import Kind

__all__ = ["CORE_GROUP", "CORE_USER", "ENTERPRISE_USER", "LIST_RESPONSE", "MICROSOFT_GROUP", "TARGET_OBJECTS"]

CORE_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
CORE_GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE_USER = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
MICROSOFT_GROUP = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"
"""Entra names it beside CORE_GROUP where it creates a group."""

LIST_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:ListResponse"

TARGET_OBJECTS: dict[Kind, str] = {"User": ENTERPRISE_USER, "Group": CORE_GROUP}
"""The target objects of the mappings of the template `scim`."""
