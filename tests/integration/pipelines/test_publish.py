"""What is to be read on GitHub and Azure Repos after a report was published, whatever was there before."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.integration.pipelines.azure_repos_api import AzureRepos, serving
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


def test_a_pull_request_has_a_current_comment_for_each_stack(github: GitHub, tmp_path: Path) -> None:
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


def test_a_report_too_long_for_github_is_cut_and_says_that(github: GitHub, tmp_path: Path) -> None:
    report(tmp_path, "x" * 70_000)
    assert publish(github, tmp_path, "comment", "preview of prod", "report.md", **MERGE) == ""
    (body,) = github.said(1)
    assert len(body) < 65_536
    assert "(cut: the run has all of it)" in body


def test_drift_is_an_issue_opened_updated_closed_and_reopened(github: GitHub, tmp_path: Path) -> None:
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
def test_all_mistakes_are_a_single_message(
    github: GitHub, tmp_path: Path, arguments: tuple[str, ...], more: dict[str, str], said: str
) -> None:
    stderr = publish(github, tmp_path, *arguments, **more)
    assert said in stderr
    assert "Traceback" not in stderr


def test_a_missing_permission_of_the_job_is_named(github: GitHub, tmp_path: Path) -> None:
    github.refused = True
    assert "the job needs `permissions: " in publish(github, tmp_path, "close", "drift of prod")


@pytest.fixture
def repos() -> Iterator[AzureRepos]:
    with serving(AzureRepos()) as found:
        yield found


def test_a_pull_request_of_azure_repos_has_a_single_comment(repos: AzureRepos, tmp_path: Path) -> None:
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
