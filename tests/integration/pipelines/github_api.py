"""The part of GitHub that a job of the pipelines talks to: issues, comments, and the token service of jobs.

Shapes and rules: GitHub REST API, "Issues" and "Issue comments" (lists in pages, the next one in the header Link; an
issue's comments by its number, a comment by its id; a pull request is an issue too); "OpenID Connect reference".
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from eptura_scim.types import Json

REPOSITORY = "contoso/eptura"
TOKEN = "the-token-of-the-job"
REQUEST_TOKEN = "the-request-token-of-the-job"
ME = "github-actions[bot]"
"""Who writes with the token of a job."""
PAGE = 2
"""Entries of a page, so that lists have several."""


def identity_token() -> str:
    """An OIDC token of a job, valid until 2100; its signature is not checked here."""
    parts = [{"alg": "RS256"}, {"sub": f"repo:{REPOSITORY}:environment:prod-read", "exp": 4102444800}, "signature"]
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)


class GitHub:
    """A repository's issues and comments."""

    def __init__(self) -> None:
        self.issues: list[Json] = []
        self.comments: list[Json] = []
        self.refused = False
        """Whether the job's token lacks the permission to write."""
        self.url = ""

    def add_issue(self, title: str, body: str, *, author: str, pull_request: bool = False) -> Json:
        """An issue, or a pull request; the newest comes first in lists."""
        issue: Json = {"number": len(self.issues) + 1, "state": "open", "title": title, "body": body}
        issue["user"] = {"login": author}
        if pull_request:
            issue["pull_request"] = {}
        self.issues.insert(0, issue)
        return issue

    def add_comment(self, number: int, body: str, *, author: str) -> Json:
        """A comment on an issue or a pull request."""
        comment = {"id": 1000 + len(self.comments), "issue": number, "body": body, "user": {"login": author}}
        self.comments.append(comment)
        return comment

    def said(self, number: int) -> list[str]:
        """The texts of the comments, in order."""
        return [comment["body"] for comment in self.comments if comment["issue"] == number]

    @property
    def environment(self) -> dict[str, str]:
        """What GitHub sets for a job, and the job's own token."""
        return {
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_API_URL": self.url,
            "GITHUB_SERVER_URL": "https://github.example.com",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_REF": "refs/heads/main",
            "GITHUB_RUN_ID": "42",
        }

    @property
    def login(self) -> dict[str, str]:
        """What `permissions: id-token: write` adds."""
        return {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{self.url}/token?api-version=2",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": REQUEST_TOKEN,
        }

    def answer(self, method: str, target: str, document: Json) -> tuple[int, Any, dict[str, str]]:
        """The answer to a call: code, document, headers."""
        path = urlsplit(target).path
        if path == "/token":
            return 200, {"value": identity_token()}, {}
        if self.refused:
            return 403, {"message": "Resource not accessible by integration"}, {}
        place = path.removeprefix(f"/repos/{REPOSITORY}/").split("/")
        return self._listed(place, target) if method == "GET" else self._written(method, place, document)

    def _listed(self, place: list[str], target: str) -> tuple[int, Any, dict[str, str]]:
        query = parse_qs(urlsplit(target).query)
        match place:
            case ["issues"]:
                author, state = query["creator"][0], query.get("state", ["open"])[0]
                mine = [one for one in self.issues if one["user"]["login"] == author]
                return self._page([one for one in mine if state in ("all", one["state"])], target, query)
            case ["issues", number, "comments"]:
                return self._page([one for one in self.comments if one["issue"] == int(number)], target, query)
        return 404, {"message": "Not Found"}, {}

    def _written(self, method: str, place: list[str], document: Json) -> tuple[int, Any, dict[str, str]]:
        match method, place:
            case "POST", ["issues"]:
                return 201, self.add_issue(document["title"], document["body"], author=ME), {}
            case "POST", ["issues", number, "comments"]:
                return 201, self.add_comment(int(number), document["body"], author=ME), {}
            case "PATCH", ["issues", "comments", number]:
                return 200, _edited(self.comments, "id", int(number), document), {}
            case "PATCH", ["issues", number]:
                return 200, _edited(self.issues, "number", int(number), document), {}
        return 404, {"message": "Not Found"}, {}

    def _page(self, entries: list[Json], target: str, query: dict[str, list[str]]) -> tuple[int, Any, dict[str, str]]:
        page = int(query.get("page", ["1"])[0])
        following = f"{self.url}{re.sub('&page=.*', '', target)}&page={page + 1}"
        headers = {"Link": f'<{following}>; rel="next"'} if len(entries) > page * PAGE else {}
        return 200, entries[(page - 1) * PAGE : page * PAGE], headers


def _edited(entries: list[Json], key: str, value: int, changes: Json) -> Json:
    found = next(one for one in entries if one[key] == value)
    found.update(changes)
    return found


@contextmanager
def serving(github: GitHub) -> Iterator[GitHub]:
    """Answer on a port of the loopback address; `github.url` says which."""

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            document = json.loads(self.rfile.read(length) or b"{}")
            expected = REQUEST_TOKEN if self.path.startswith("/token") else TOKEN
            if self.headers.get("Authorization") == f"Bearer {expected}":
                code, answer, headers = github.answer(self.command, self.path, document)
            else:
                code, answer, headers = 401, {"message": "Bad credentials"}, {}
            self.send_response(code)
            for name, value in {**headers, "Content-Type": "application/json"}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        do_GET = do_POST = do_PATCH = handle_any  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    github.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield github
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
