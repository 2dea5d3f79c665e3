"""What ends an adoption.

AdoptionError
├── NotAdoptableError      the application is missing, ambiguous, or cannot become this program's
├── OtherApplicationError  the stack already holds another application
└── TokenRejectedError     the secret token that was given does not open the endpoint
"""

from __future__ import annotations

from eptura_scim.errors import ReadableError

__all__ = ["AdoptionError", "NotAdoptableError", "OtherApplicationError", "TokenRejectedError"]


class AdoptionError(ReadableError):
    """An application cannot be taken over; the text says why and what to do."""


class NotAdoptableError(AdoptionError):
    """The application is missing, ambiguous, or cannot become this program's."""


class OtherApplicationError(AdoptionError):
    """The stack already holds another application."""


class TokenRejectedError(AdoptionError):
    """The secret token that was given does not open the endpoint."""
