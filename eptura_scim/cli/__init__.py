"""The command line: `eptura-scim`.

Exit codes: 0 done, 1 failed (the reason is one readable message), 64 wrong usage, 130 stopped by Ctrl-C; commands
that judge something have others as well (docs/exit-codes.md).
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from collections.abc import Sequence

__all__ = ["explain", "main"]

_DEBUG = "EPTURA_SCIM_DEBUG"
_NAME = "eptura-scim: "


def main() -> None:
    """Run a command. Every failure ends here as one readable message; EPTURA_SCIM_DEBUG=1 shows the traceback.

    A program that asked for JSON finds the message on standard output as well: `error` and `exitCode`.
    """
    for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(number, signal.default_int_handler)  # as Ctrl-C: nothing that was started is left behind
    # What libraries log is not for the user's terminal: what went wrong comes out as one message.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        from eptura_scim.cli.app import app

        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if os.environ.get(_DEBUG):
            raise
        message, code = explain(error)
        print(message, file=sys.stderr)
        if _asks_for_json(sys.argv[1:]):
            print(json.dumps({"error": message.removeprefix(_NAME), "exitCode": code}))
        sys.exit(code)


def _asks_for_json(arguments: Sequence[str]) -> bool:
    return "--json" in arguments or "--format json" in " ".join(arguments).replace("=", " ").lower()


def explain(error: Exception) -> tuple[str, int]:
    """The message and the exit code for a failure."""
    from eptura_scim.errors import WRONG_USAGE, ReadableError, WrongUsageError, kind_and_place
    from eptura_scim.extras import missing_extra

    if isinstance(error, ModuleNotFoundError):
        error = missing_extra(error) or error
    if isinstance(error, WrongUsageError):
        return f"{_NAME}{error}", WRONG_USAGE
    if isinstance(error, ReadableError):
        stopped = type(error).__name__ == "InterruptedRunError"  # by name: its module loads the engine's library
        return f"{_NAME}{error}", 130 if stopped else 1
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return f"{_NAME}{place}{error.strerror or error}", 1
    return (
        f"{_NAME}this is a defect of eptura-scim: {kind_and_place(error)}. "
        f"Please report it with the output of the same command under {_DEBUG}=1",
        1,
    )
