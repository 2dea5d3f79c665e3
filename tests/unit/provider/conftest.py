"""What the tests of the plugin's resources share."""

from __future__ import annotations

import pytest

from eptura_scim.plugin_sdk.messages import set_current_urn
from tests.unit.told import Told


@pytest.fixture
def told() -> Told:
    """What is told during the test."""
    messages = Told()
    set_current_urn(messages, "urn")
    return messages
