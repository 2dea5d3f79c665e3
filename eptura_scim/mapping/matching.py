"""Matching: how an object of the directory is found at the target."""

from __future__ import annotations

__all__ = ["SPECIAL_CHARACTERS"]

SPECIAL_CHARACTERS = frozenset("\"\\&#%+?'")
"""Characters with a meaning in a filter or a URL, which a matching value may not have.

Source: Microsoft, known issues of app provisioning: "Can't perform filter queries on values containing special
characters". Which characters these are is not documented."""
