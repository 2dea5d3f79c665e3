"""The URNs of SCIM's schemas. Source: RFC 7643, sections 4.1 to 4.3."""

from __future__ import annotations

__all__ = ["CORE_GROUP", "CORE_USER", "ENTERPRISE_USER"]

CORE_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
CORE_GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE_USER = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
