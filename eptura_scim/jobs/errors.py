"""What can go wrong with a job.

ReadableError
├── JobDeletedError    the job, its service principal or its application was deleted
├── JobSelectorError   no job was found, or several
│   └── JobOptionsError    the options do not name one job
└── NothingDoneError   nothing was done, for the reason that the text gives
"""

from __future__ import annotations

from eptura_scim.errors import ReadableError, WrongUsageError

__all__ = ["JobDeletedError", "JobOptionsError", "JobSelectorError", "NothingDoneError"]


class JobDeletedError(ReadableError):
    """The job, its service principal or its application was deleted; the text says since when and what to do."""


class JobSelectorError(ReadableError):
    """No job was found, or several; the text says how to name one."""


class JobOptionsError(JobSelectorError, WrongUsageError):
    """The options do not name one job."""


class NothingDoneError(ReadableError):
    """Nothing was done, for the reason that the text gives."""
