"""What an answer of Eptura's endpoint means: what says nothing of URL and token is told apart."""

from __future__ import annotations

import pytest

from eptura_scim.doctor.endpoint import judged


@pytest.mark.parametrize(
    ("status", "headers", "colour", "said", "todo"),
    [
        (429, {"Retry-After": "7"}, "yellow", "too many requests (429)", "again in 7 seconds"),
        (429, {}, "yellow", "too many requests (429)", "again in some minutes"),
        (503, {}, "red", "not available at the moment (503): the token was not tested", "ask Eptura"),
        (302, {"Location": "https://login.example/x"}, "red", "redirects to login.example (302)", "proxy's"),
        (307, {"Location": "/elsewhere"}, "red", "redirects (307)", "tenantUrl"),
        (401, {}, "red", "refuses the token (401)", "pulumi config set --secret secretToken"),
        (404, {}, "red", "answers 404", "compare tenantUrl"),
        (200, {}, "red", "answers, but not with a SCIM list", "compare tenantUrl"),
    ],
)
def test_each_answer_of_the_endpoint_is_explained(
    status: int, headers: dict[str, str], colour: str, said: str, todo: str
) -> None:
    finding = judged("scim.example", status, headers, b'{"schemas": 5}')
    assert (finding.status, said in finding.said, todo in finding.todo) == (colour, True, True), finding


@pytest.mark.parametrize(
    "body", [b'{"schemas": 5}', b'{"schemas": null}', b"[]", b"5", b"<html>", b'{"schemas": "urn"}']
)
def test_a_body_of_any_shape_gives_a_finding(body: bytes) -> None:
    assert judged("scim.example", 200, {}, body).status == "red"
