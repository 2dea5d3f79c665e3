"""Names that the Pulumi SDK does not publish, in one place: a new version of the SDK is checked here."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

import pulumi
from pulumi.runtime.config import CONFIG

if TYPE_CHECKING:
    # The SDK publishes `Stack.import_resources`, and not the type of its argument.
    from pulumi.automation._stack import ImportResource

__all__ = ["ImportResource", "config_keys", "end_silently_when_interrupted"]


def end_silently_when_interrupted() -> None:
    """Let an interrupt end this process at once, as programs in other languages end.

    The engine interrupts the program when a resource has failed: Python would print a traceback above the engine's own
    message. Only for a program in a process of its own; in a thread of another process it changes nothing.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def config_keys() -> frozenset[str]:
    """The keys of the stack's configuration, with their namespaces.

    The SDK publishes a value by its key, and no list of keys: without one a mistyped setting goes unnoticed. Inside the
    engine the keys are in the environment, in tests (`set_all_config`) in CONFIG.
    """
    return frozenset({*CONFIG.get(), *pulumi.runtime.get_config_env()})
