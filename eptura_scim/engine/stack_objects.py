"""Which objects of Entra a stack holds, by the ids of its resources."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from eptura_scim.engine.user_stack import StackResource

__all__ = ["StackObjects", "objects_of"]

# azuread gives the paths of objects as their ids; the ids of our own resources are the last parts of paths.
_INSTANTIATED = re.compile(r"/instantiate/(?P<application>[^/]+)/(?P<principal>[^/]+)\Z")
_JOB = re.compile(r"(?:\A|/)(?P<principal>[^/]+)(?:/synchronization/jobs)?/(?P<job>[^/]+)\Z")


@dataclass(frozen=True)
class StackObjects:
    """Ids of what a stack holds; empty where it holds none."""

    application: str = ""
    principal: str = ""
    job: str = ""


def objects_of(resources: Iterable[StackResource]) -> StackObjects:
    """The objects of a stack's resources.

    The service principal is that of its own resource where there is one: the id of the application tells the service
    principal that was made with the application, which may have been deleted and made again.
    """
    ids = {resource.urn.split("::")[2].rsplit(":", 1)[-1]: resource.id for resource in resources if resource.id}
    found = StackObjects()
    if instantiated := _INSTANTIATED.search(ids.get("ApplicationFromTemplate", "")):
        found = replace(found, application=instantiated["application"], principal=instantiated["principal"])
    if job := _JOB.search(ids.get("SynchronizationJob", "")):
        found = replace(found, principal=job["principal"], job=job["job"])
    if principal := ids.get("ServicePrincipal", ""):
        found = replace(found, principal=principal.rsplit("/", 1)[-1])
    return found
