"""As much of the REST API of Azure Repos as a comment on a pull request needs."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["AzureRepos", "serving"]


class AzureRepos:
    """The threads of pull request 7 of a project (Azure DevOps REST API 7.1, "Pull Request Threads")."""

    PATH = "/contoso/Work%20place/_apis/git/repositories/the-repository/pullRequests/7/threads"

    def __init__(self) -> None:
        self.threads: list[dict[str, Any]] = [
            {"id": 5, "comments": [{"id": 1, "content": None}]},
            {"id": 6, "comments": []},
        ]
        self.url = ""

    def answer(self, method: str, target: str, document: dict[str, Any]) -> tuple[int, Any]:
        path, _, query = target.partition("?")
        assert query == "api-version=7.1"
        match method, path.removeprefix(self.PATH).strip("/").split("/"):
            case "GET", [""]:
                return 200, {"value": self.threads, "count": len(self.threads)}
            case "POST", [""]:
                comments = [{"id": number, **one} for number, one in enumerate(document["comments"], 1)]
                self.threads.append({"id": len(self.threads) + 5, "comments": comments})
                return 200, self.threads[-1]
            case "PATCH", [thread, "comments", comment]:
                found = next(one for one in self.threads if one["id"] == int(thread))
                found["comments"][int(comment) - 1] |= document
                return 200, found["comments"][int(comment) - 1]
        return 404, {}

    @property
    def said(self) -> list[str]:
        return [one["content"] for thread in self.threads for one in thread["comments"] if one["content"]]

    @property
    def environment(self) -> dict[str, str]:
        return {
            "SYSTEM_COLLECTIONURI": f"{self.url}/contoso/",
            "SYSTEM_TEAMPROJECT": "Work place",
            "BUILD_REPOSITORY_ID": "the-repository",
            "SYSTEM_PULLREQUEST_PULLREQUESTID": "7",
            "SYSTEM_ACCESSTOKEN": "the-token-of-the-job",
        }


@contextmanager
def serving(repos: AzureRepos) -> Iterator[AzureRepos]:
    """Answer on the loopback address; `repos.url` says where."""

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            document = json.loads(self.rfile.read(length) or b"{}")
            allowed = self.headers.get("Authorization") == "Bearer the-token-of-the-job"
            code, answer = repos.answer(self.command, self.path, document) if allowed else (401, {})
            self.send_response(code)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        do_GET = do_POST = do_PATCH = handle_any  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        repos.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield repos
        server.shutdown()
        thread.join()
