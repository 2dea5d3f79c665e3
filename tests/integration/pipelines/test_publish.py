"""What is to be read on GitHub and Azure Repos after a report was published, whatever was there before."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.integration.pipelines.github_api import ME, GitHub
from tests.repository.pages import PROJECT

MERGE = {"GITHUB_REF": "refs/pull/1/merge"}


def run(script: str, environment: Mapping[str, str], folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PROJECT / "pipelines" / script), *arguments],
        cwd=folder,
        env={**environment},
        capture_output=True,
        text=True,
        check=False,
    )


def publish(github: GitHub, folder: Path, *arguments: str, **more: str) -> str:
    """What the script says; empty when it is done."""
    return run("github/publish.py", {**github.environment, **more}, folder, *arguments).stderr


def report(folder: Path, text: str) -> None:
    (folder / "report.md").write_text(text, encoding="utf-8")


def test_a_pull_request_has_one_comment_of_a_stack_that_is_kept_up_to_date(github: GitHub, tmp_path: Path) -> None:
    github.add_issue("A change", "", author="ada", pull_request=True)
    github.add_comment(1, "<!-- eptura-scim: preview of prod -->\nwritten by a person", author="ada")
    for number in range(3):
        github.add_comment(1, f"talk {number}", author="ada")
    report(tmp_path, "first")
    assert publish(github, tmp_path, "comment", "preview of prod", "report.md", **MERGE) == ""
    report(tmp_path, "second")
    assert publish(github, tmp_path, "comment", "preview of prod", "report.md", **MERGE) == ""
    assert publish(github, tmp_path, "comment", "preview of test", "report.md", **MERGE) == ""

    written = [comment["body"] for comment in github.comments if comment["user"]["login"] == ME]
    run_link = "[The run](https://github.example.com/contoso/eptura/actions/runs/42)"
    assert written == [f"<!-- eptura-scim: preview of {stack} -->\nsecond\n\n{run_link}" for stack in ("prod", "test")]
    assert github.said(1)[0].endswith("written by a person")


@pytest.mark.parametrize("content", [None, ""])
def test_a_report_that_was_not_made_is_told_in_the_comment(github: GitHub, tmp_path: Path, content: str | None) -> None:
    if content is not None:
        report(tmp_path, content)
    assert publish(github, tmp_path, "comment", "preview of prod", "report.md", **MERGE) == ""
    assert "The report was not made: the run says why." in github.said(1)[0]


def test_a_report_that_is_longer_than_github_takes_is_cut_and_says_so(github: GitHub, tmp_path: Path) -> None:
    report(tmp_path, "x" * 70_000)
    assert publish(github, tmp_path, "comment", "preview of prod", "report.md", **MERGE) == ""
    (body,) = github.said(1)
    assert len(body) < 65_536
    assert "(cut: the run has all of it)" in body


def test_drift_is_one_issue_that_is_opened_updated_closed_and_reopened(github: GitHub, tmp_path: Path) -> None:
    for number in range(3):
        github.add_issue(f"Other {number}", "something else", author=ME)
    github.add_issue("Drift?", "<!-- eptura-scim: drift of prod -->", author="ada")
    seen = []
    for text in ("one mapping", "two mappings", "", "three mappings"):
        report(tmp_path, text)
        arguments = ("issue", "drift of prod", "report.md", "Drift: prod") if text else ("close", "drift of prod")
        assert publish(github, tmp_path, *arguments) == ""
        mine = [one for one in github.issues if one["title"] == "Drift: prod"]
        seen += [(len(mine), mine[0]["state"], mine[0]["body"].splitlines()[1], len(github.said(mine[0]["number"])))]
    assert seen == [
        (1, "open", "one mapping", 0),
        (1, "open", "two mappings", 0),
        (1, "closed", "two mappings", 1),
        (1, "open", "three mappings", 2),
    ]


def test_where_nothing_is_open_closing_writes_nothing(github: GitHub, tmp_path: Path) -> None:
    assert publish(github, tmp_path, "close", "drift of prod") == ""
    assert (github.issues, github.comments) == ([], [])


@pytest.mark.parametrize(
    ("arguments", "more", "said"),
    [
        (("comment", "a", "report.md"), {}, "GITHUB_REF is refs/heads/main: this run is not one of a pull request"),
        (("close", "a"), {"GITHUB_TOKEN": ""}, "GITHUB_TOKEN is not set: give the step `env: GITHUB_TOKEN:"),
        (("close", "a"), {"GITHUB_TOKEN": "other"}, "GitHub answers 401 to GET "),
        (("close", "a"), {"GITHUB_API_URL": "http://127.0.0.1:9"}, "does not answer: "),
        (("open", "a"), {}, "publish.py comment NAME FILE"),
    ],
)
def test_what_is_wrong_is_told_in_one_message(
    github: GitHub, tmp_path: Path, arguments: tuple[str, ...], more: dict[str, str], said: str
) -> None:
    stderr = publish(github, tmp_path, *arguments, **more)
    assert said in stderr
    assert "Traceback" not in stderr


def test_a_missing_permission_of_the_job_is_named(github: GitHub, tmp_path: Path) -> None:
    github.refused = True
    assert "the job needs `permissions: " in publish(github, tmp_path, "close", "drift of prod")


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


@pytest.fixture
def repos() -> Iterator[AzureRepos]:
    repos = AzureRepos()

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


def test_a_pull_request_of_azure_repos_has_one_comment_too(repos: AzureRepos, tmp_path: Path) -> None:
    for text in ("first", "second"):
        report(tmp_path, text)
        done = run("azure_devops_comment.py", repos.environment, tmp_path, "preview of prod", "report.md")
        assert (done.returncode, done.stderr) == (0, "")
    assert repos.said == ["<!-- eptura-scim: preview of prod -->\nsecond"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"SYSTEM_ACCESSTOKEN": "other"}, "give the build service *Contribute to pull requests*"),
        ({"SYSTEM_COLLECTIONURI": "http://127.0.0.1:9/"}, "does not answer: "),
    ],
)
def test_what_azure_repos_refuses_is_told(
    repos: AzureRepos, tmp_path: Path, changes: dict[str, str], said: str
) -> None:
    done = run("azure_devops_comment.py", {**repos.environment, **changes}, tmp_path, "preview of prod", "report.md")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
