"""What a user configures: `Settings` as typed values, and how a stack's texts are read into them."""

from __future__ import annotations

from eptura_scim.settings.model import (
    Action,
    SettingProblem,
    Settings,
    SettingsError,
    checked_setting,
    is_not_a_setting,
)
from eptura_scim.settings.texts import settings_of_texts

__all__ = [
    "Action",
    "SettingProblem",
    "Settings",
    "SettingsError",
    "checked_setting",
    "is_not_a_setting",
    "settings_of_texts",
]
