"""Runs the shell commands of a pipeline's job in order, as its runner would: what is not a command is named, not run.

Sources: GitHub, "Workflow syntax" (`run`, `shell`), "Contexts", "Workflow commands" (GITHUB_OUTPUT,
GITHUB_STEP_SUMMARY); Azure Pipelines, "Bash task", "Define variables"; GitLab, "CI/CD YAML syntax reference".
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.repository.pages import PROJECT

__all__ = ["JobRun", "run_azure_job", "run_github_job", "run_gitlab_job"]

_EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")
_MACRO = re.compile(r"\$\(([\w.]+)\)")
_SECONDS = 300


@dataclass
class JobRun:
    """What a job did."""

    failed: str = ""
    """The name of the step that failed first."""
    log: str = ""
    summary: str = ""
    not_run: list[str] = field(default_factory=list)
    """Steps that only the real runner can do."""


def run_github_job(
    file: str, job: str, *, folder: Path, environment: Mapping[str, str], variables: Mapping[str, str], stack: str
) -> JobRun:
    """Run the `run:` blocks of a job of pipelines/github, in `folder`. `variables`: those of the job's environment."""
    document = yaml.safe_load((PROJECT / "pipelines" / "github" / file).read_text("utf-8"))["jobs"][job]
    outputs: dict[str, str] = {}
    contexts = {f"vars.{name}": value for name, value in variables.items()}
    contexts |= {"matrix.stack": stack, "github.token": environment["GITHUB_TOKEN"]}

    def filled(values: Mapping[str, str]) -> dict[str, str]:
        known = contexts | outputs
        return {name: _EXPRESSION.sub(lambda found: known[found[1]], str(text)) for name, text in values.items()}

    # Only a step that is given the job's token has it.
    base = {name: value for name, value in environment.items() if name != "GITHUB_TOKEN"} | filled(document["env"])
    run = JobRun()
    summary, output = folder.parent / "summary.md", folder.parent / "output"
    summary.write_text("")
    for step in document["steps"]:
        name = step.get("name") or step["uses"]
        if "uses" in step:
            run.not_run.append(step["uses"].partition("@")[0])
            continue
        if run.failed and step.get("if") != "${{ !cancelled() }}":
            continue
        output.write_text("")
        done = _bash(
            step["run"],
            folder,
            base | filled(step.get("env", {})) | {"GITHUB_STEP_SUMMARY": str(summary), "GITHUB_OUTPUT": str(output)},
            "-e",
        )
        run.log += f"## {name}: {done.returncode}\n{done.stdout}"
        pairs = (line.partition("=") for line in output.read_text().splitlines())
        outputs |= {f"steps.{step.get('id')}.outputs.{key}": value for key, _, value in pairs}
        if done.returncode:
            run.failed = run.failed or name
    run.summary = summary.read_text()
    return run


def run_azure_job(stage: str, *, folder: Path, environment: Mapping[str, str], variables: Mapping[str, str]) -> JobRun:
    """Run the scripts of a stage of pipelines/azure-devops.yml, in `folder`."""
    document = yaml.safe_load((PROJECT / "pipelines" / "azure-devops.yml").read_text("utf-8"))
    (job,) = next(one for one in document["stages"] if one["stage"] == stage)["jobs"]
    steps = job.get("steps") or job["strategy"]["runOnce"]["deploy"]["steps"]
    run = JobRun()
    for step in steps:
        script = step.get("script") or step.get("inputs", {}).get("inlineScript")
        if script is None:
            run.not_run.append("checkout")
            continue
        if "inputs" in step:
            run.not_run.append(f"login of {step['inputs']['azureSubscription']}")
        if run.failed and "not(canceled())" not in step.get("condition", ""):
            continue
        given = {
            name: _MACRO.sub(lambda found: variables[found[1]], text) for name, text in step.get("env", {}).items()
        }
        done = _bash(script, folder, {**environment, **given})  # goes by the last command
        run.log += f"## {step['displayName']}: {done.returncode}\n{done.stdout}"
        for file in re.findall(r"##vso\[task\.uploadsummary\](.+)", done.stdout):
            run.summary += Path(file).read_text("utf-8")
        if done.returncode:
            run.failed = run.failed or step["displayName"]
    return run


def run_gitlab_job(name: str, *, folder: Path, environment: Mapping[str, str], variables: Mapping[str, str]) -> JobRun:
    """Run the script of a job of pipelines/gitlab-ci.yml, in `folder`; `variables` are those of the project."""
    document = yaml.safe_load((PROJECT / "pipelines" / "gitlab-ci.yml").read_text("utf-8"))
    job = _extended(document, name)
    own = {key: variables.get(text.removeprefix("$"), text) for key, text in job["variables"].items()}
    lines: Sequence[str] = [*job.get("before_script", []), *job["script"]]
    before = {**environment, **variables, **document["variables"], **own}
    done = _bash("\n".join(lines), folder, before, "-eo", "pipefail")
    after = _bash("\n".join(job.get("after_script", [])), folder, before)
    failed = name if done.returncode else ""
    return JobRun(failed=failed, log=done.stdout + after.stdout, not_run=["id_tokens"])


def _extended(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    job: dict[str, Any] = dict(document[name])
    if parent := job.get("extends"):
        base = _extended(document, parent)
        job = {**base, **job, "variables": {**base.get("variables", {}), **job.get("variables", {})}}
    return job


def _bash(script: str, folder: Path, environment: Mapping[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "--noprofile", "--norc", *options, "-c", script],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
