"""What can go wrong with a job.

ReadableError
├── JobSelectorError   no job was named, or several
└── NothingDoneError   nothing was done, for the reason that the text gives
"""

from __future__ import annotations

from eptura_scim.errors import ReadableError

__all__ = ["JobSelectorError", "NothingDoneError"]


class JobSelectorError(ReadableError):
    """No job was named, or several; the text says how to name one."""


class NothingDoneError(ReadableError):
    """Nothing was done, for the reason that the text gives."""
