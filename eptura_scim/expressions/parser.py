"""The expression language of Entra's attribute mappings: parsing, printing, meaning.

Source: Microsoft, "Reference for writing expressions for attribute mappings in Microsoft Entra ID".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from eptura_scim.errors import PlacedError
from eptura_scim.expressions.functions import SignatureError, UnknownFunctionError, signature
from eptura_scim.expressions.nodes import Attribute, Comparison, Constant, Expression, FunctionCall, Word
from eptura_scim.expressions.semantics import DOCUMENTED, Semantics

__all__ = [
    "MAX_DEPTH",
    "MAX_LENGTH",
    "OTHER_QUOTES",
    "ExpressionError",
    "UnknownConstructError",
    "canonical",
    "parse",
    "parse_lenient",
]

MAX_LENGTH = 10_000
"""Characters that an expression may have (Microsoft, known issues of provisioning)."""

MAX_DEPTH = 100
"""Nesting that the parser follows; Microsoft documents no limit, the interpreter's stack has one."""


class ExpressionError(PlacedError):
    """An expression cannot be read."""


class UnknownConstructError(ExpressionError):
    """An expression has a function, a word or a parameter that is not known here; Entra may know it."""


_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<attribute>\[[^\[\]"]+\])
      | (?P<text>"(?:[^"\\]|\\.)*")
      | (?P<single>'(?:[^'\\]|\\.)*')
      | (?P<number>-?\d+(?:\.\d+)?(?![\w.]))
      | (?P<word>[A-Za-z_]\w*|&H[0-9A-Fa-f]+)
      | (?P<operator><>|>=|<=|=|<|>)
      | (?P<ampersand>&)
      | (?P<open>\() | (?P<close>\)) | (?P<comma>,)""",
    re.VERBOSE | re.DOTALL,
)
_STRAIGHT = 'a text stands in straight double quotes, such as "sales"'
OTHER_QUOTES = "`\u00ab\u2018\u2019\u201a\u201c\u201d\u201e"
"""What other programs write in the place of a straight double quote; the straight single quote apart."""
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_DOCUMENTED_ESCAPES = frozenset('\\"')


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


def _unexpected(character: str) -> str:
    if character in OTHER_QUOTES:
        return f"{_STRAIGHT}, not in {character}"
    problems = {'"': "the text has no closing quote", "[": "an attribute is written [name]"}
    return problems.get(character, f"unexpected character {character!r}")


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ExpressionError(_unexpected(text[position]), text, position)
        kind = match.lastgroup or ""
        if kind != "space":
            found.append(_Token(kind, match.group(), position))
        position = match.end()
    found.append(_Token("end", "", len(text)))
    return found


class _Parser:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, text: str, semantics: Semantics, *, known: bool) -> None:
        self.text = text
        self.semantics = semantics
        self.known = known
        self.tokens = _tokens(text)
        self.index = 0
        self.depth = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.index]

    def take(self, *kinds: str) -> _Token | None:
        token = self.token
        if token.kind in kinds:
            self.index += 1
            return token
        return None

    def fail(self, expected: str) -> ExpressionError:
        if self.token.kind == "single":
            return ExpressionError(f"{_STRAIGHT}, not in '", self.text, self.token.position)
        found = repr(self.token.text) if self.token.text else "the end"
        return ExpressionError(f"expected {expected}, found {found}", self.text, self.token.position)

    def expression(self) -> Expression:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(f"nested deeper than {MAX_DEPTH}", self.text, self.token.position)
        left = self.joined()
        operator = self.take("operator")
        result = (
            left if operator is None else Comparison(operator.text, left, self.joined(), position=operator.position)
        )
        self.depth -= 1
        return result

    def joined(self) -> Expression:
        """Operands with cloud sync's `&` between them, which says the same as Append."""
        left = self.operand()
        while self.semantics.cloud_sync and (ampersand := self.take("ampersand")):
            left = FunctionCall("Append", (left, self.operand()), position=ampersand.position)
        return left

    def operand(self) -> Expression:
        token = self.take("attribute", "text", "number", "word", *self._single_quotes)
        if token is None:
            raise self.fail('an [attribute], a "text", a number or a function')
        match token.kind:
            case "attribute":
                return Attribute(token.text[1:-1], position=token.position)
            case "text" | "single":
                return Constant(self.unescaped(token), position=token.position)
            case "number":
                return Constant(token.text, position=token.position)
            case _:
                return self.call(token) if self.take("open") else Word(token.text, position=token.position)

    @property
    def _single_quotes(self) -> tuple[str, ...]:
        return ("single",) if self.semantics.single_quotes == "text" else ()

    def unescaped(self, token: _Token) -> str:
        allowed = _DOCUMENTED_ESCAPES | ({"'"} if token.kind == "single" else set())

        def escape(match: re.Match[str]) -> str:
            if match[1] in allowed or self.semantics.unknown_escapes == "dropped":
                return match[1]
            if self.semantics.unknown_escapes == "refused":
                at = token.position + 1 + match.start()
                raise ExpressionError(f"{match[0]} is an unknown escape; write \\\\ for a backslash", self.text, at)
            return match[0]

        return _ESCAPE.sub(escape, token.text[1:-1])

    def call(self, token: _Token) -> FunctionCall:
        arguments = self.arguments()
        if not self.known:
            return FunctionCall(token.text, arguments, position=token.position)
        try:
            function = signature(token.text, len(arguments), self.semantics)
            list(function.bind(arguments))
        except UnknownFunctionError as error:
            raise UnknownConstructError(str(error), self.text, token.position) from error
        except SignatureError as error:
            raise ExpressionError(str(error), self.text, token.position) from error
        return FunctionCall(function.name, arguments, position=token.position)

    def arguments(self) -> tuple[Expression | None, ...]:
        if self.take("close"):
            return ()
        found: list[Expression | None] = []
        while True:
            found.append(None if self.token.kind in {"comma", "close"} else self.expression())
            if self.take("close"):
                return tuple(found)
            if not self.take("comma"):
                raise self.fail("a comma or a closing bracket")


def parse(text: str, semantics: Semantics = DOCUMENTED) -> Expression:
    """Read an expression such as `Switch([IsSoftDeleted], , "False", "True", "True", "False")`.

    Raises ExpressionError with the position of what cannot be read, of a function that is unknown (and the nearest
    known one), or of one with too many or too few arguments.
    """
    return _parsed(text, semantics, known=True)


def parse_lenient(text: str) -> Expression:
    """Read an expression that may use functions which are not documented, such as a live one.

    Raises ExpressionError with the position of the first thing that cannot be read.
    """
    return _parsed(text, DOCUMENTED, known=False)


@lru_cache(maxsize=1000)
def _parsed(text: str, semantics: Semantics, *, known: bool) -> Expression:
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"longer than the {MAX_LENGTH} characters that Entra accepts", text, MAX_LENGTH)
    parser = _Parser(text, semantics, known=known)
    found = parser.expression()
    if parser.token.kind != "end":
        raise parser.fail("the end of the expression")
    return found


def canonical(text: str) -> Expression | str:
    """What an expression says, for comparison: spelling, white space and trailing omitted arguments do not count.

    A text that cannot be read means only itself.
    """
    try:
        return _without_trailing_omissions(parse_lenient(text))
    except ExpressionError:
        return text


def _without_trailing_omissions(expression: Expression) -> Expression:
    match expression:
        case FunctionCall(name, arguments):
            while arguments and arguments[-1] is None:
                arguments = arguments[:-1]
            return FunctionCall(name, tuple(None if a is None else _without_trailing_omissions(a) for a in arguments))
        case Comparison(operator, left, right):
            return Comparison(operator, _without_trailing_omissions(left), _without_trailing_omissions(right))
        case _:
            return expression
