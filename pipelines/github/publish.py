"""Publish a report on GitHub: one comment on a pull request, or one issue, each found again by an invisible marker.

    python publish.py comment NAME FILE        the comment NAME of the pull request of this run
    python publish.py issue NAME FILE TITLE    the issue NAME is open and holds the report
    python publish.py close NAME               the issue NAME, if there is one, is closed

Nothing but Python is needed. The job's environment says the rest: GITHUB_TOKEN, and what GitHub sets itself
(GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_REF, GITHUB_RUN_ID, GITHUB_SERVER_URL). Only what the job's own token wrote
is edited. Sources: GitHub REST API, "Issue comments" and "Issues"; lists continue by the header Link.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

Json = dict[str, Any]

AUTHOR = "github-actions[bot]"
"""Who a job's token is."""

LIMIT = 65_000
"""GitHub refuses texts of more than 65,536 characters."""

_NEXT = re.compile(r'<([^>]+)>; rel="next"')
_PULL_REQUEST = re.compile(r"refs/pull/(\d+)/merge")


class PublishError(Exception):
    """The report cannot be published; the text says why."""


class Repository:
    """The issues and comments of the repository of this run."""

    def __init__(self, api: str, name: str, token: str) -> None:
        self._root = f"{api}/repos/{name}"
        self._token = token

    def read_all(self, path: str) -> Iterator[Json]:
        """Every entry of a list, page by page."""
        url = f"{self._root}/{path}"
        while url:
            entries, link = self._call("GET", url)
            yield from entries
            following = _NEXT.search(link)
            url = following[1] if following else ""

    def write(self, method: str, path: str, document: Json) -> Json:
        """Create (POST) or edit (PATCH) one object."""
        written, _ = self._call(method, f"{self._root}/{path}", document)
        return dict(written)

    def _call(self, method: str, url: str, document: Json | None = None) -> tuple[Any, str]:
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        data = None if document is None else json.dumps(document).encode()
        try:
            with urlopen(Request(url, data, headers, method=method), timeout=30) as reply:  # noqa: S310
                return json.load(reply), reply.headers.get("Link", "")
        except HTTPError as error:
            needed = "pull-requests: write, or issues: write for an issue"
            hint = f"; the job needs `permissions: {needed}`" if error.code in {401, 403} else ""
            raise PublishError(f"GitHub answers {error.code} to {method} {url}{hint}") from None
        except URLError as error:
            raise PublishError(f"{url} does not answer: {error.reason}") from None


def comment(repository: Repository, number: int, name: str, text: str) -> None:
    """The pull request has one comment of this name, with this text."""
    own = _written(repository.read_all(f"issues/{number}/comments?per_page=100"), name)
    if own:
        repository.write("PATCH", f"issues/comments/{own['id']}", {"body": _body(name, text)})
    else:
        repository.write("POST", f"issues/{number}/comments", {"body": _body(name, text)})


def issue(repository: Repository, name: str, title: str, text: str) -> None:
    """There is one open issue of this name, with this text. A closed one is reopened, with a comment."""
    own = _issue(repository, name)
    document: Json = {"title": title, "body": _body(name, text)}
    if not own:
        repository.write("POST", "issues", document)
        return
    repository.write("PATCH", f"issues/{own['number']}", {**document, "state": "open"})
    if own["state"] == "closed":
        repository.write("POST", f"issues/{own['number']}/comments", {"body": f"Again: {title}. {_run()}"})


def close(repository: Repository, name: str) -> None:
    """No issue of this name is open."""
    own = _issue(repository, name)
    if own and own["state"] == "open":
        repository.write("POST", f"issues/{own['number']}/comments", {"body": f"It is over. {_run()}"})
        repository.write("PATCH", f"issues/{own['number']}", {"state": "closed", "state_reason": "completed"})


def _issue(repository: Repository, name: str) -> Json | None:
    listed = repository.read_all(f"issues?state=all&creator={quote(AUTHOR)}&per_page=100")
    return _written((entry for entry in listed if "pull_request" not in entry), name)


def _written(entries: Iterator[Json], name: str) -> Json | None:
    """The first entry that a run of this name wrote."""
    mine = (one for one in entries if one["user"]["login"] == AUTHOR and (one["body"] or "").startswith(_marker(name)))
    return next(mine, None)


def _marker(name: str) -> str:
    return f"<!-- eptura-scim: {name} -->"


def _body(name: str, text: str) -> str:
    """The text between the marker and a link to the run, cut where GitHub would refuse it."""
    kept = text if len(text) <= LIMIT else f"{text[:LIMIT]}\n\n(cut: the run has all of it)"
    return f"{_marker(name)}\n{kept.rstrip()}\n\n{_run()}"


def _run() -> str:
    environment = os.environ
    run = f"{environment['GITHUB_REPOSITORY']}/actions/runs/{environment['GITHUB_RUN_ID']}"
    return f"[The run]({environment['GITHUB_SERVER_URL']}/{run})"


def _text(file: str) -> str:
    path = Path(file)
    return (path.read_text(encoding="utf-8") if path.exists() else "") or "The report was not made: the run says why."


def _pull_request() -> int:
    reference = os.environ["GITHUB_REF"]
    found = _PULL_REQUEST.fullmatch(reference)
    if not found:
        raise PublishError(f"GITHUB_REF is {reference}: this run is not one of a pull request")
    return int(found[1])


def main(arguments: list[str]) -> None:
    """Read the command line and publish."""
    environment = os.environ
    if not environment.get("GITHUB_TOKEN"):
        raise PublishError("GITHUB_TOKEN is not set: give the step `env: GITHUB_TOKEN: ${{ github.token }}`")
    repository = Repository(
        environment["GITHUB_API_URL"], environment["GITHUB_REPOSITORY"], environment["GITHUB_TOKEN"]
    )
    match arguments:
        case ["comment", name, file]:
            comment(repository, _pull_request(), name, _text(file))
        case ["issue", name, file, title]:
            issue(repository, name, title, _text(file))
        case ["close", name]:
            close(repository, name)
        case _:
            raise PublishError(str(__doc__))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except PublishError as error:
        sys.exit(f"error: {error}")
    except KeyError as error:
        sys.exit(f"error: {error.args[0]} is not set: run this in a job of GitHub Actions")
