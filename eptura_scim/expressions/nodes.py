"""The nodes of an expression: what the parser makes, and all else reads.

Source: Microsoft, "Reference for writing expressions for attribute mappings in Microsoft Entra ID".
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["OPERATORS", "Attribute", "Comparison", "Constant", "Expression", "FunctionCall", "Word"]

OPERATORS = ("=", "<>", ">", ">=", "<", "<=")
"""The signs that a Comparison may have."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A source attribute, `[objectId]`."""

    name: str
    position: int = field(default=0, compare=False, repr=False, kw_only=True)

    def __str__(self) -> str:
        return f"[{self.name}]"


@dataclass(frozen=True, slots=True)
class Constant:
    """A text, `"False"`. Graph reads a bare number as the same text in quotes."""

    value: str
    position: int = field(default=0, compare=False, repr=False, kw_only=True)

    def __str__(self) -> str:
        escaped = self.value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'


@dataclass(frozen=True, slots=True)
class Word:
    """A bare word: an option such as `vbTextCompare`, or a hexadecimal number."""

    name: str
    position: int = field(default=0, compare=False, repr=False, kw_only=True)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A function with its arguments; None stands for an omitted one, `Switch([x], , "a", "b")`."""

    name: str
    arguments: tuple[Expression | None, ...]
    position: int = field(default=0, compare=False, repr=False, kw_only=True)

    def __str__(self) -> str:
        return f"{self.name}({', '.join('' if a is None else str(a) for a in self.arguments)})"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A condition of IIF or CBool: two operands and one of `= <> > >= < <=`."""

    operator: str
    left: Expression
    right: Expression
    position: int = field(default=0, compare=False, repr=False, kw_only=True)

    def __str__(self) -> str:
        return f"{self.left} {self.operator} {self.right}"


Expression = Attribute | Constant | Word | FunctionCall | Comparison
"""Each node has the 0-based `position` where it stands in the text that it was read from; it does not count when
nodes are compared."""
