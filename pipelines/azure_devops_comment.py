"""Publish a report in Azure Repos as one comment on a pull request, found again by an invisible marker.

    python pipelines/azure_devops_comment.py NAME FILE

Nothing but Python is needed. SYSTEM_ACCESSTOKEN is the job's own token (the build service needs *Contribute to pull
requests*); Azure Pipelines sets the other variables in a run of a pull request. Source: Azure DevOps REST API 7.1,
"Pull Request Threads" and "Pull Request Thread Comments".
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

Json = dict[str, Any]

LIMIT = 140_000
"""Azure Repos refuses comments of more than 150,000 characters."""


class PublishError(Exception):
    """The report cannot be published; the text says why."""


def call(method: str, url: str, token: str, document: Json | None = None) -> Json:
    """One call of the REST API."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    data = None if document is None else json.dumps(document).encode()
    try:
        with urlopen(Request(f"{url}?api-version=7.1", data, headers, method=method), timeout=30) as reply:  # noqa: S310
            return dict(json.load(reply))
    except HTTPError as error:
        hint = "; give the build service *Contribute to pull requests*" if error.code in {401, 403} else ""
        raise PublishError(f"Azure DevOps answers {error.code} to {method} {url}{hint}") from None
    except URLError as error:
        raise PublishError(f"{url} does not answer: {error.reason}") from None


def publish(threads: str, token: str, name: str, text: str) -> None:
    """The pull request has one comment of this name, with this text."""
    marker = f"<!-- eptura-scim: {name} -->"
    body = f"{marker}\n{text[:LIMIT]}"
    for thread in call("GET", threads, token)["value"]:
        first = (thread.get("comments") or [{}])[0]
        if str(first.get("content") or "").startswith(marker):
            call("PATCH", f"{threads}/{thread['id']}/comments/{first['id']}", token, {"content": body})
            return
    comment = {"parentCommentId": 0, "content": body, "commentType": "text"}
    call("POST", threads, token, {"comments": [comment], "status": "closed"})


def main(name: str, file: str) -> None:
    """Read the job's variables and publish."""
    environment = os.environ
    collection, project = environment["SYSTEM_COLLECTIONURI"], quote(environment["SYSTEM_TEAMPROJECT"])
    repository, number = environment["BUILD_REPOSITORY_ID"], environment["SYSTEM_PULLREQUEST_PULLREQUESTID"]
    threads = f"{collection}{project}/_apis/git/repositories/{repository}/pullRequests/{number}/threads"
    path = Path(file)
    text = (path.read_text(encoding="utf-8") if path.exists() else "") or "The report was not made: the run says why."
    publish(threads, environment["SYSTEM_ACCESSTOKEN"], name, text)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:3])
    except PublishError as error:
        sys.exit(f"error: {error}")
    except KeyError as error:
        sys.exit(f"error: {error.args[0]} is not set: run this in a run of Azure Pipelines for a pull request")
