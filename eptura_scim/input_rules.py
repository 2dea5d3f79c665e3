"""What a single input has to look like: one rule and one wording for a stack's settings, a program's arguments and the
resources of the plugin.
"""

from __future__ import annotations

import re
import uuid
from typing import Annotated, Any, NoReturn
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import ErrorDetails, PydanticCustomError

__all__ = [
    "ApplicationName",
    "Email",
    "HeaderText",
    "Notes",
    "ObjectId",
    "TenantUrl",
    "Threshold",
    "WarningDays",
    "header_text",
    "is_email",
    "is_example",
    "reason",
    "refuse",
]

_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_TENANT_URL = re.compile(rf"https://{_LABEL}(?:\.{_LABEL})*(?::(?P<port>\d{{1,5}}))?/scim/v1/\Z")
_GRAPH_INTEGER = 2**31 - 1
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NOTES_LENGTH = 1024
_MOST_DAYS = 3650
_WITH_VALUE = "wrong_value"
_BRACKETS = tuple("<[{")
# Words of a placeholder, one of which says that something is to be put in its place; or nothing but x or dots.
_PLACEHOLDER = re.compile(
    r"(?i)(?=.*(?:your|my|paste|insert|enter|here|changeme))"
    r"(?:the|your|my|paste|insert|enter|eptura|secret|scim|token|here|changeme|[-_ .])+|x{3,20}|\.{3}|…"
    r"|null|none|nil|undefined"
)
_VARIABLE = re.compile(r"\$(env:)?\w+|\$[{(][\w:. ]+[})]|%\w+%")
_URL_PLACEHOLDER = re.compile(r"[<{\[]|(?i:eptura-scim-domain)|YOUR[-_]")
_QUOTES = tuple("\"'`\u201c\u201d\u201e\u2018\u2019")


def refuse(rule: str, value: object) -> NoReturn:
    """Raise what pydantic reports as a broken rule: `must be a number; it is 'x'`."""
    raise PydanticCustomError(_WITH_VALUE, "{rule}; it is {value}", {"rule": rule, "value": repr(value)})


def reason(detail: ErrorDetails, *, shows_value: bool = True) -> str:
    """What is wrong with an input, from pydantic's finding. Without the value where that may be a secret."""
    match detail["type"]:
        case kind if kind == _WITH_VALUE and not shows_value:
            return str(detail["ctx"]["rule"])
        case "literal_error":
            told = f"; it is {detail['input']!r}" if shows_value and isinstance(detail.get("input"), str) else ""
            return f"must be {detail['ctx']['expected']}{told}"
        case "bool_parsing" | "bool_type":
            return "must be true or false"
        case "tuple_type" | "list_type":
            return "must be a list"
        case _:
            return detail["msg"].removeprefix("Value error, ").replace("Input should be", "must be")


def is_email(text: str) -> bool:
    """Whether a text has the form of an e-mail address."""
    return _EMAIL.fullmatch(text) is not None


def is_example(url: str) -> bool:
    """Whether a URL's host is one that is reserved for examples, such as `scim.example.com` (RFC 2606, 2 and 3)."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:  # no host can be read from it: the rule of the URL says so
        return False
    return "example" in host.split(".")[-2:]


def header_text(token: str) -> str:
    """A token as it is. Raises ValueError, which never repeats the token, where no HTTP header can hold it."""
    if mistake := _token_mistake(token):
        raise ValueError(f"{mistake}; set the token alone, as Eptura gave it")
    if not token or any(not "!" <= character <= "~" for character in token):
        raise ValueError(
            "is empty, or contains spaces, line breaks or characters not allowed in a header; copy it again"
        )
    return token


def _token_mistake(text: str) -> str:
    """What is wrong with a token, for mistakes that are known, without the token itself; empty for others."""
    bare = text.strip()
    if re.match(r"(?i)(authorization:\s*)?bearer\b", bare):
        return 'begins with "Bearer", which Entra adds itself'
    if bare[:1] in _QUOTES or bare[-1:] in _QUOTES:
        return "stands in quotation marks"
    if bare and not bare.strip("*•"):
        return "is what a masked token is shown as, not the token"
    if bare[:1] in _BRACKETS or _PLACEHOLDER.fullmatch(bare):
        return "is a placeholder, not a token"
    if _VARIABLE.fullmatch(bare):
        return "is the name of a variable that was not replaced by its value"
    return ""


def _tenant_url(url: str) -> str:
    if _URL_PLACEHOLDER.search(url):
        raise ValueError("still holds a placeholder; ask Eptura for your SCIM domain")
    if mistake := _url_mistake(url):
        refuse(f"{mistake}: it must read https://<your Eptura SCIM domain>/scim/v1/", _without_secrets(url))
    found = _TENANT_URL.match(url)
    if found is None or not 0 < int(found["port"] or 443) < 2**16:
        refuse("must read https://<your Eptura SCIM domain>/scim/v1/, with the slash at the end", _without_secrets(url))
    return url


def _without_secrets(url: str) -> str:
    """A URL to show: passwords and keys may stand before the @ and in the query."""
    start, mark, query = url.partition("?")
    hidden = query and not query.lower().startswith("aadopt")
    return re.sub(r"//[^/]*@", "//…@", start) + mark + ("…" if hidden else query)


def _url_mistake(url: str) -> str:
    """What is wrong with a tenant URL, for mistakes that are known; empty for others."""
    start, _, query = url.partition("?")
    is_flag = "aadopt" in query.lower()
    flag = "the flag aadOptscim062020, which Eptura's guide does not ask for" if is_flag else "what follows it"
    lowered = start.lower()
    added = re.search(r"/scim/v1/+(users|groups|serviceproviderconfig|schemas)/?\Z", lowered)
    mistakes = {
        "has blanks at its ends": url != url.strip(),
        "begins with a quotation mark": url[:1] in _QUOTES,
        f"ends with ?, and {flag}": bool(query),
        "lacks https:// at its beginning": "://" not in start,
        "holds a user name or a password before the @": "@" in start.partition("://")[2].partition("/")[0],
        "ends with #, and what follows it": "#" in start,
        "is http: Entra sends the token over https alone": lowered.startswith("http://"),
        f"ends with /{start.rstrip('/').rpartition('/')[2]}, which Entra adds itself": added is not None,
        "lacks the slash at the end": lowered.endswith("/scim/v1"),
        "is in capitals": url != lowered and _TENANT_URL.match(lowered) is not None and not query,
        "is the host alone": re.fullmatch(r"https://[^/]+/?", lowered) is not None,
        "has two slashes at the end": lowered.endswith("/scim/v1//"),
    }
    return next((said for said, is_so in mistakes.items() if is_so), "")


def _application_name(name: str) -> str:
    if name != name.strip() or not name.isprintable() or not 1 <= len(name) <= 120:
        raise ValueError("must have 1 to 120 printable characters, without blanks at its ends")
    return name


def _email(address: str) -> str:
    if not is_email(address):
        refuse("must be an e-mail address", address)
    return address


def _threshold(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _GRAPH_INTEGER:
        refuse(f"must be a whole number from 1 to {_GRAPH_INTEGER}", value)
    return value


def _days(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_DAYS:
        refuse(f"must be a whole number of days from 0 to {_MOST_DAYS}", value)
    return value


def _object_id(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        refuse("must be object ids with commas between them" if ";" in text else "must be an object id", text)


def _notes(text: str) -> str:
    if len(text) > _NOTES_LENGTH:
        raise ValueError(f"must have at most {_NOTES_LENGTH} characters; it has {len(text)}")
    return text


TenantUrl = Annotated[str, AfterValidator(_tenant_url)]
"""Eptura's SCIM URL, `https://<EPTURA-SCIM-Domain>/scim/v1/` (S8)."""

HeaderText = Annotated[str, AfterValidator(header_text)]
"""A token that an HTTP header can hold."""

ApplicationName = Annotated[str, AfterValidator(_application_name)]
"""The name of an enterprise application, 1 to 120 characters."""

Email = Annotated[str, AfterValidator(_email)]
"""An e-mail address."""

Threshold = Annotated[int, BeforeValidator(_threshold)]
"""A number of deletions that Graph can hold."""

WarningDays = Annotated[int, BeforeValidator(_days)]
"""A number of days; 0 for no warning."""

ObjectId = Annotated[str, AfterValidator(_object_id)]
"""An object id of Entra, in lower case."""

Notes = Annotated[str, AfterValidator(_notes)]
"""The notes of an enterprise application."""
