"""The portal's edits as forms of HTML: one for each edit, closed until it is opened."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from eptura_scim.local_entra.portal.edits import EDITS, Edit, Field, Section
from eptura_scim.page import text

__all__ = ["button", "forms"]


def forms(section: Section, back: str, application: str | None = None, only: Collection[str] = EDITS) -> Iterator[str]:
    """The edits of a section. `back` is the page that shows the result, `application` the one that they change."""
    for name, edit in EDITS.items():
        if edit.section == section and name in only:
            yield (
                f"<details><summary>{text(edit.title)}</summary>"
                f'<form method="post" action="/portal/edit/{name}" autocomplete="off">'
                f"{_hidden(back, application)}{''.join(_fields(section, name, edit))}"
                f"<button>{text(edit.title if not edit.fields else 'Save')}</button></form></details>"
            )


def button(action: str, label: str, back: str, application: str | None = None) -> str:
    """A form of one button."""
    return (
        f'<form method="post" action="/portal/{action}">{_hidden(back, application)}'
        f"<button>{text(label)}</button></form>"
    )


def _hidden(back: str, application: str | None) -> str:
    named = "" if application is None else f'<input type="hidden" name="application" value="{text(application)}">'
    return f'<input type="hidden" name="back" value="{text(back)}">{named}'


def _fields(section: Section, name: str, edit: Edit) -> Iterator[str]:
    for field_name, field in edit.fields.items():
        identifier = f"{section}-{name}-{field_name}"
        yield f'<label for="{identifier}">{text(field.label)}</label>{_input(identifier, field_name, field)}'


def _input(identifier: str, name: str, field: Field) -> str:
    shared = f'id="{identifier}" name="value.{name}"'
    if field.choices:
        options = "".join(f"<option>{text(choice)}</option>" for choice in field.choices)
        return f"<select {shared}>{options}</select>"
    kind = {"text": "text", "number": "number", "secret": "password"}[field.kind]
    hint = f'<div class="small" id="{identifier}-hint">{text(field.hint)}</div>' if field.hint else ""
    described = f' aria-describedby="{identifier}-hint"' if hint else ""
    required = "" if field.optional else " required"
    return f'<input type="{kind}" {shared}{described}{required}>{hint}'
