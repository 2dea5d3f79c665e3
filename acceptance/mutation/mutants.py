"""The ways in which one module is broken, one at a time."""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from types import CodeType
from typing import Any

__all__ = ["Mutant", "mutants"]

_SWAPPED: dict[bool | str, bool | str] = {
    True: False, False: True, "On": "Off", "Off": "On", "all": "assigned", "assigned": "all", "User": "Group",
}  # fmt: skip
_SWAPPED_NAMES = {"REEVALUATE": "RELINK", "RELINK": "REEVALUATE", "kept": "child", "child": "kept"}
_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt,
}  # fmt: skip
_WAITS = {"retry_new_object", "retry_existing_object", "read_or_gone", "wait_until"}
"""Methods that act until it succeeds: a mutant acts once."""
_DROPPED_OPTIONS = {"depends_on", "protect", "aliases", "ignore_changes"}
_WORDS = {"warn", "inform", "register_outputs", "__init__"}
"""Functions that only tell something."""


@dataclass(frozen=True)
class Mutant:
    """A module with one thing broken."""

    function: str
    """The qualified name of the function, or `` at the module's level."""
    line: int
    was: str
    becomes: str
    source: str
    """The module as it is."""
    number: int
    """Which of the places of the source."""
    is_run_on_load: bool
    """Whether the module's or a class's own code is broken, which is run once, when the module is loaded."""

    def __str__(self) -> str:
        return f"{self.function or 'module'}: {self.was} -> {self.becomes or 'left out'}"

    @cached_property
    def tree(self) -> ast.Module:
        """The broken module."""
        tree = ast.parse(self.source)
        next(itertools.islice(_Places().of(tree), self.number, None)).break_it()
        return ast.fix_missing_locations(tree)

    def code(self, path: str) -> CodeType:
        """What Python runs."""
        return compile(self.tree, path, "exec")


def mutants(source: str) -> Iterator[Mutant]:
    """All mutants of a module, in the order of its lines."""
    for number, place in enumerate(_Places().of(ast.parse(source))):
        yield Mutant(place.function, place.line, place.was, place.becomes, source, number, place.is_run_on_load)


@dataclass(frozen=True)
class _Place:
    """One thing to break: a field of a node, or an item of a list in it."""

    function: str
    line: int
    owner: ast.AST
    field: str
    index: int | None
    new: Any
    """What comes there; None to leave it out."""
    is_run_on_load: bool

    @property
    def old(self) -> Any:
        found = getattr(self.owner, self.field)
        return found if self.index is None else found[self.index]

    @property
    def was(self) -> str:
        return _text(self.old)

    @property
    def becomes(self) -> str:
        return "" if self.new is None else _text(self.new)

    def break_it(self) -> None:
        if self.index is None:
            setattr(self.owner, self.field, self.new)
            return
        found = getattr(self.owner, self.field)
        if self.new is not None:
            found[self.index] = ast.copy_location(self.new, found[self.index])
            return
        del found[self.index]
        if isinstance(self.owner, ast.Dict):
            del self.owner.values[self.index]
        if isinstance(self.owner, ast.BoolOp) and len(found) == 1:
            found.append(copy.deepcopy(found[0]))


class _Places:
    """Walks a module with what it has to know of the surroundings."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._functions = 0
        """How many of these are functions."""
        self._whole: set[int] = set()
        """Tuples that are several values rather than a set of them: none of them can be left out."""

    def of(self, node: ast.AST) -> Iterator[_Place]:  # noqa: PLR0911, PLR0912  (a kind of node a case)
        """The places below a node."""
        match node:
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                is_function = not isinstance(node, ast.ClassDef)
                self._names.append(node.name)
                self._functions += is_function
                yield from self._below(node, "body")
                self._functions -= is_function
                self._names.pop()
                return
            case ast.If() | ast.IfExp() | ast.While():
                yield from self._condition(node, "test")
                yield from self._below(node, "body")
                yield from self._below(node, "orelse")
                return
            case ast.comprehension():
                yield from self.of(node.iter)
                for number in range(len(node.ifs)):
                    yield from self._condition(node, "ifs", number)
                return
            case ast.AnnAssign() if not self._is_constant(node.target):
                return
            case ast.Assign() if not self._is_constant(node.targets[0]):
                return
            case ast.JoinedStr() | ast.Constant(value=str()) | ast.arguments() | ast.Import() | ast.ImportFrom():
                return
            case ast.Raise():
                return
            case ast.Call() if _called(node).endswith("Error") or _called(node) in _WORDS:
                return
        for field, value in ast.iter_fields(node):
            if field in {"annotation", "decorator_list", "targets", "target", "ctx", "op", "ops"}:
                continue
            items = value if isinstance(value, list) else [value]
            for number, item in enumerate(items):
                if isinstance(item, ast.AST):
                    yield from self._value(node, field, number if isinstance(value, list) else None, item)

    def _below(self, node: ast.AST, field: str) -> Iterator[_Place]:
        value = getattr(node, field)
        items = value if isinstance(value, list) else [value]
        for number, item in enumerate(items):
            yield from self._value(node, field, number if isinstance(value, list) else None, item)

    def _value(self, owner: ast.AST, field: str, index: int | None, node: ast.AST) -> Iterator[_Place]:
        """A statement or value: what takes its place, then what is broken inside it."""
        holds_several = isinstance(owner, ast.Assign | ast.Return | ast.Call | ast.ExceptHandler) and self._names
        if isinstance(node, ast.Tuple) and (holds_several or isinstance(owner, ast.Compare)):
            self._whole.add(id(node))
        for new in _replacements(node):
            yield self._place(owner, field, index, node, new)
        if index is not None and id(owner) not in self._whole and _may_go(owner, field, node):
            yield self._place(owner, field, index, node, None)
        yield from self.of(node)

    def _condition(self, owner: ast.AST, field: str, index: int | None = None) -> Iterator[_Place]:
        """A condition holds always, or never; of several, each by itself."""
        value = getattr(owner, field)
        node = value if index is None else value[index]
        if isinstance(node, ast.BoolOp):
            for number in range(len(node.values)):
                yield from self._condition(node, "values", number)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield from self._condition(node, "operand")
        else:
            # A condition that names what its branch uses cannot hold without it.
            for constant in (False,) if isinstance(node, ast.NamedExpr) else (True, False):
                yield self._place(owner, field, index, node, ast.Constant(constant))
            if isinstance(node, ast.Compare | ast.Call):
                yield from self.of(node)

    def _place(self, owner: ast.AST, field: str, index: int | None, node: Any, new: ast.AST | None) -> _Place:
        line, is_run_on_load = getattr(node, "lineno", 0), not self._functions
        return _Place(".".join(self._names), line, owner, field, index, new, is_run_on_load)

    def _is_constant(self, target: ast.AST) -> bool:
        """Whether an assignment is one of a function, or of a constant that decides."""
        if self._names and not self._names[-1][0].isupper():
            return True
        return isinstance(target, ast.Name) and target.id != "__all__" and target.id in _CONSTANTS


_CONSTANTS = {
    "GROUPS", "REEVALUATE", "RELINK", "_ENTRA", "_EVALUATED", "_EXTERNAL_ID", "_FILTERS", "_KINDS", "_OF_MAPPINGS",
    "_STATUS", "_WRITTEN_BY", "kept_outputs", "replace_on",
}  # fmt: skip


def _replacements(node: ast.AST) -> Iterator[ast.AST]:
    """What a statement or value is replaced with."""
    match node:
        case ast.Expr(value=ast.Call() as call) | ast.Expr(value=ast.Await(value=ast.Call() as call)):
            if _called(call) in _WORDS:
                return
            yield ast.copy_location(ast.Pass(), node)
        case ast.Raise() | ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield ast.copy_location(ast.Pass(), node)
        case ast.Constant(value=bool() | str() as value) if value in _SWAPPED:
            yield ast.Constant(_SWAPPED[value])
        case ast.Name(id=name, ctx=ast.Load()) if name in _SWAPPED_NAMES:
            yield ast.Name(_SWAPPED_NAMES[name], ast.Load())
        case ast.Compare(ops=[operator]):
            yield ast.Compare(node.left, [_OPPOSITE[type(operator)]()], node.comparators)
        case ast.BinOp(op=ast.Sub() | ast.BitAnd() | ast.BitOr()):
            yield node.left
        case ast.UnaryOp(op=ast.Not()):
            yield node.operand
        case ast.Call(func=ast.Attribute(attr=name), args=[act, *_]) if name in _WAITS:
            yield ast.Call(act, [], [])


def _may_go(owner: ast.AST, field: str, node: ast.AST) -> bool:
    """Whether an item can be left out."""
    match owner:
        case ast.List() | ast.Set() | ast.Tuple() if field == "elts":
            return isinstance(getattr(owner, "ctx", ast.Load()), ast.Load)
        case ast.BoolOp() if isinstance(node, ast.Constant | ast.Tuple):  # what stands for nothing
            return False
        case ast.Dict():
            return field == "keys"
        case ast.BoolOp():
            return field == "values"
        case ast.Call():
            return isinstance(node, ast.keyword) and node.arg in _DROPPED_OPTIONS
    return False


def _called(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _text(node: Any) -> str:
    text = " ".join(ast.unparse(node).split()) if isinstance(node, ast.AST) else repr(node)
    return text if len(text) <= 90 else f"{text[:87]}..."
