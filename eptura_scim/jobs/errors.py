"""What can go wrong with a job.

ReadableError
├── JobDeletedError   the job, its service principal or its application was deleted
├── JobSelectorError   no job was named, or several
└── NothingDoneError   nothing was done, for the reason that the text gives
"""

from __future__ import annotations

from eptura_scim.errors import ReadableError

__all__ = ["JobDeletedError", "JobSelectorError", "NothingDoneError"]


class JobDeletedError(ReadableError):
    """The job, its service principal or its application was deleted; the text says since when and what to do."""


class JobSelectorError(ReadableError):
    """No job was named, or several; the text says how to name one."""


class NothingDoneError(ReadableError):
    """Nothing was done, for the reason that the text gives."""
