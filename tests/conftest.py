"""What all tests need."""

import gc
import os
import signal
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

from eptura_scim.environment import without_credentials
from tests.examples import examples

# The shell in which the tests start may be one of the try-out, or logged in to a tenant. Where plugins are stays.
for _name in os.environ.keys() - without_credentials().keys() - {"PULUMI_HOME"}:
    del os.environ[_name]

# A shell that starts a command in the background has it ignore Ctrl-C, and so would everything that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# What a property test without a number of its own tries. Too many refused examples fail it, a slow machine does not.
settings.register_profile("bounded", examples(30), suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("bounded")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is loaded stays: looking through it for garbage takes a sixth of the processor time of the unit tests."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
