"""Ids of Microsoft Graph: their types, since they are easily swapped, and their form."""

from __future__ import annotations

import re
from typing import NewType

__all__ = ["UUID", "ApplicationId", "ClientId", "JobId", "ServicePrincipalId", "is_object_id"]

ApplicationId = NewType("ApplicationId", str)
"""Object id of an application (app registration)."""

ClientId = NewType("ClientId", str)
"""The id that an application and its service principal share (appId)."""

ServicePrincipalId = NewType("ServicePrincipalId", str)
"""Object id of a service principal (enterprise application)."""

JobId = NewType("JobId", str)
"""Id of a synchronization job; not a UUID."""

UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
"""A regular expression for an object id or a client id."""

_UUID = re.compile(UUID)


def is_object_id(text: str) -> bool:
    """Whether the text has the form of an object id, 36 characters."""
    return _UUID.fullmatch(text) is not None
