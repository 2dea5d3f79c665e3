"""What can go wrong with the local Entra.

LocalEntraError
├── ODataError             an answer of Graph that is not 2xx, with Graph's own code and text
├── PortTakenError         something else listens on the port
├── NotRunningError        no local Entra runs on this state folder
├── StartFailedError       the background process did not come up, or did not stop
├── ImportFailedError      a file of users and groups cannot be taken in
├── EditError              an edit of the portal has a wrong name or value
├── CycleError             a cycle was asked for that cannot be run
├── UnknownAppError        the portal was asked for an application that does not exist
└── StateError
    ├── StateInUseError    another local Entra runs on this state folder
    └── StateCorruptError  a file of the state folder cannot be read
"""

from __future__ import annotations

from collections.abc import Mapping

from eptura_scim.errors import ReadableError, WrongUsageError

__all__ = [
    "CycleError",
    "EditError",
    "ImportFailedError",
    "LocalEntraError",
    "NotRunningError",
    "ODataError",
    "PortTakenError",
    "StartFailedError",
    "StateCorruptError",
    "StateError",
    "StateInUseError",
    "UnknownAppError",
]


class LocalEntraError(ReadableError):
    """Any failure of the local Entra."""


class PortTakenError(LocalEntraError):
    """Something else listens on the port."""


class NotRunningError(LocalEntraError):
    """No local Entra runs on this state folder."""


class StartFailedError(LocalEntraError):
    """The background process did not come up, or did not stop."""


class ImportFailedError(LocalEntraError):
    """A file of users and groups cannot be taken in; nothing of it was."""


class EditError(LocalEntraError, WrongUsageError):
    """An edit of the portal has a wrong name or value."""


class CycleError(LocalEntraError):
    """A cycle was asked for that cannot be run."""


class UnknownAppError(LocalEntraError):
    """The portal was asked for an application that does not exist, or whose name is not unique."""


class StateError(LocalEntraError):
    """The state folder cannot be used."""


class StateInUseError(StateError):
    """Another local Entra runs on this state folder."""


class StateCorruptError(StateError):
    """A file of the state folder cannot be read. Nothing is deleted or overwritten."""


class ODataError(LocalEntraError):
    """What Graph answers instead of doing what was asked: status, code and message.

    Source: Microsoft Graph, "Microsoft Graph error responses and resource types".
    """

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})

    @classmethod
    def no_object(cls, identifier: str) -> ODataError:
        """A directory object that does not exist, or has not been replicated yet (msgraph-sdk-dotnet#3108)."""
        return cls(
            404,
            "Request_ResourceNotFound",
            f"Resource '{identifier}' does not exist or one of its queried reference-property objects are not present.",
        )

    @classmethod
    def no_synchronization_resource(cls, kind: str, identifier: str) -> ODataError:
        """A job, template or directory of the synchronization API; the code is undocumented."""
        return cls(404, "ResourceNotFound", f"The {kind} '{identifier}' was not found.")

    @classmethod
    def bad_request(cls, message: str, code: str = "BadRequest") -> ODataError:
        """A request that cannot be understood."""
        return cls(400, code, message)

    @classmethod
    def reference_exists(cls, relation: str) -> ODataError:
        """Something was to be added to `members` or `owners` that is there already (reported by many users)."""
        return cls(
            400,
            "Request_BadRequest",
            f"One or more added object references already exist for the following modified properties: '{relation}'.",
        )

    @classmethod
    def name_in_use(cls, app_id: str) -> ODataError:
        """A second service principal of an application was to be made, or restored."""
        return cls(
            409,
            "Request_MultipleObjectsWithSameKeyValue",
            f"The service principal cannot be created: the service principal name {app_id} is already in use.",
        )

    @classmethod
    def denied(cls) -> ODataError:
        """A call that the caller may not make, as users report it; Graph does not say which permission is missing."""
        return cls(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")

    @classmethod
    def not_modelled(cls, what: str) -> ODataError:
        """Something that the real service does and this one does not; it never pretends."""
        return cls(501, "NotImplemented", f"The local Entra does not model {what}.")
