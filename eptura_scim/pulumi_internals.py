"""Names that the Pulumi SDK does not publish, in one place: a new version of the SDK is checked here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
from pulumi.runtime.config import CONFIG

if TYPE_CHECKING:
    # The SDK publishes `Stack.import_resources`, and not the type of its argument.
    from pulumi.automation._stack import ImportResource

__all__ = ["ImportResource", "config_keys"]


def config_keys() -> frozenset[str]:
    """The keys of the stack's configuration, with their namespaces.

    The SDK publishes a value by its key, and no list of keys: without one a mistyped setting goes unnoticed. Inside the
    engine the keys are in the environment, in tests (`set_all_config`) in CONFIG.
    """
    return frozenset({*CONFIG.get(), *pulumi.runtime.get_config_env()})
