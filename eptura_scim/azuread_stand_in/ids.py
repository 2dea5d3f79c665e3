"""The ids that azuread gives its resources: paths of Graph, and what is in them."""

from __future__ import annotations

import re
import uuid
from typing import NamedTuple

from eptura_scim.graph.ids import UUID
from eptura_scim.plugin_sdk.errors import InvalidIdError

__all__ = [
    "AssignmentPath",
    "FromTemplatePath",
    "JobPath",
    "ServicePrincipalPath",
    "check_uuid",
]

_FROM_TEMPLATE = re.compile(rf"/applicationTemplates/({UUID})/instantiate/({UUID})/({UUID})")
_SERVICE_PRINCIPAL = re.compile(rf"/servicePrincipals/({UUID})")
_JOB = re.compile(rf"/servicePrincipals/({UUID})/synchronization/jobs/([^/]+)")
_ASSIGNMENT = re.compile(rf"/servicePrincipals/({UUID})/appRoleAssignedTo/([^/]+)")


class AssignmentPath(NamedTuple):
    """An app role assignment, seen from the service principal that it is for."""

    service_principal: str
    assignment: str

    def __str__(self) -> str:
        return f"/servicePrincipals/{self.service_principal}/appRoleAssignedTo/{self.assignment}"

    @classmethod
    def parse(cls, text: str) -> AssignmentPath:
        """Read an id, or say which shape is wanted."""
        wanted = "/servicePrincipals/{servicePrincipalObjectId}/appRoleAssignedTo/{assignmentId}"
        return cls(*_parts(_ASSIGNMENT, text, wanted))


class FromTemplatePath(NamedTuple):
    """An application made from a template."""

    template: str
    application: str
    service_principal: str

    def __str__(self) -> str:
        return f"/applicationTemplates/{self.template}/instantiate/{self.application}/{self.service_principal}"

    @classmethod
    def parse(cls, text: str) -> FromTemplatePath:
        """Read an id, or say which shape is wanted."""
        wanted = "/applicationTemplates/{templateId}/instantiate/{applicationObjectId}/{servicePrincipalObjectId}"
        return cls(*_parts(_FROM_TEMPLATE, text, wanted))


class ServicePrincipalPath(NamedTuple):
    """A service principal."""

    service_principal: str

    def __str__(self) -> str:
        return f"/servicePrincipals/{self.service_principal}"

    @classmethod
    def parse(cls, text: str) -> ServicePrincipalPath:
        """Read an id, or say which shape is wanted."""
        return cls(*_parts(_SERVICE_PRINCIPAL, text, "/servicePrincipals/{servicePrincipalObjectId}"))


class JobPath(NamedTuple):
    """A synchronization job of a service principal."""

    service_principal: str
    job: str

    def __str__(self) -> str:
        return f"/servicePrincipals/{self.service_principal}/synchronization/jobs/{self.job}"

    @classmethod
    def parse(cls, text: str) -> JobPath:
        """Read an id, or say which shape is wanted."""
        wanted = "/servicePrincipals/{servicePrincipalObjectId}/synchronization/jobs/{jobId}"
        return cls(*_parts(_JOB, text, wanted))


def check_uuid(text: str) -> str:
    """Accept a UUID as a value of a field. Raises ValueError."""
    try:
        uuid.UUID(text)
    except ValueError:
        raise ValueError(f'"{text}" is not a UUID') from None
    return text


def _parts(pattern: re.Pattern[str], text: str, wanted: str) -> tuple[str, ...]:
    found = pattern.fullmatch(text)
    if not found:
        raise InvalidIdError(f'"{text}" is not an id of the form {wanted}')
    return found.groups()
