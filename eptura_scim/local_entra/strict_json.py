"""JSON that clients send, read as strictly as a service does that keeps it and has to write it again.

Source: RFC 8259, sections 6 (no infinity, no NaN) and 8.2 (no half of a surrogate pair).
"""

from __future__ import annotations

import json
import math
from typing import Any

__all__ = ["MAX_DEPTH", "read_document"]

MAX_DEPTH = 100
"""Nesting that is followed; what Graph's limit is, is undocumented."""


def read_document(raw: bytes | str) -> Any:
    """The value of a JSON text. Raises ValueError for other text, and for a value that could not be written again."""
    try:
        document = json.loads(raw)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    waiting = [(document, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise ValueError("nested too deeply")
        match value:
            case dict():
                waiting += [(item, depth + 1) for pair in value.items() for item in pair]
            case list():
                waiting += [(item, depth + 1) for item in value]
            case str():
                value.encode()
            case float() if not math.isfinite(value):
                raise ValueError("a number is not finite")
    return document
