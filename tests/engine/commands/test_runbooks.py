"""Every command of the runbooks, in order, on a local Entra, and what is true at Eptura afterwards."""

from __future__ import annotations

import asyncio
import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from eptura_scim.engine import AzureadPlugin, Engine
from tests.engine.conftest import PROJECT
from tests.engine.shell import LANGUAGE_HOST, Shell
from tests.repository.pages import MarkdownPage

if TYPE_CHECKING:
    from eptura_scim.local_entra import LocalEntra

pytestmark = pytest.mark.slow

RUNBOOKS = PROJECT / "docs" / "runbooks"
ADELE = "adele.vance@contoso.example"
NEW_TOKEN = "the-second-token-of-eptura"


class Runbook:
    """A page, whose commands are run one after the other."""

    def __init__(self, name: str, shell: Shell) -> None:
        self.left = MarkdownPage(RUNBOOKS / f"{name}.md").commands
        self._shell = shell

    def run(self, command: str, *, typed: str = "", exits: int = 0, **placeholders: str) -> str:
        """Run the next command, which has to be this one; what it prints. A placeholder replaces its last word."""
        text = self.left.pop(0)
        assert text == command
        for value in placeholders.values():
            text = text.rsplit(maxsplit=1)[0] + f" {value}"
        done = subprocess.run(
            ["bash", "-euc", text],
            cwd=self._shell.folder,
            env=self._shell.environment,
            input=typed,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == exits, f"{text}: {done.returncode}\n{done.stdout}"
        return done.stdout


@pytest.fixture
def shell(tmp_path: Path, engine: Engine, azuread: AzureadPlugin, entra: LocalEntra) -> Shell:
    """A terminal in a checkout after `make setup`, with one user in the directory; no stack yet."""
    shell = Shell(tmp_path, engine, azuread, entra)
    (shell.folder / ".venv").symlink_to(Path(sys.executable).parents[1])
    programs = [LANGUAGE_HOST, engine.path.parent, Path(sys.executable).parent]
    shell.environment["PATH"] = os.pathsep.join([*map(str, programs), os.environ["PATH"]])
    shell.environment["PULUMI_SKIP_CONFIRMATIONS"] = "true"
    add_user(entra, "adele.vance", "Adele Vance")
    return shell


@pytest.fixture
def prod(shell: Shell, entra: LocalEntra) -> Shell:
    """The stack prod, converged, after a first cycle."""
    shell.pulumi("stack", "init", "prod")
    shell.pulumi("config", "set", "tenantUrl", entra.scim.url)
    shell.pulumi("config", "set", "--secret", "secretToken", entra.scim.token)
    shell.pulumi("up", "--yes")
    cycle(entra)
    return shell


@pytest.fixture
def runbook(request: pytest.FixtureRequest, shell: Shell) -> Iterator[Runbook]:
    """The page that the test is named after; all of its commands have to be run."""
    page = Runbook(request.function.__name__.removeprefix("test_").replace("_", "-"), shell)
    yield page
    assert page.left == []


def add_user(entra: LocalEntra, name: str, given: str) -> str:
    mail = f"{name}@contoso.example"
    return entra.portal.people.add_user(mail, displayName=given, givenName=given, surname="Example", mail=mail)


def cycle(entra: LocalEntra) -> None:
    asyncio.run(entra.provisioning.run_cycle())


def users(entra: LocalEntra) -> dict[str, dict[str, Any]]:
    """The users at Eptura, by userName."""
    found = entra.scim.resources()
    return {item["userName"]: item for item in found if item["meta"]["resourceType"] == "User"}


def active(entra: LocalEntra) -> set[str]:
    return {name.partition("@")[0] for name, user in users(entra).items() if user["active"]}


def test_every_runbook_is_tested_and_is_short() -> None:
    names = {path.stem for path in RUNBOOKS.glob("*.md")} - {"README"}
    tested = {name.removeprefix("test_").replace("_", "-") for name in globals() if name.startswith("test_")}
    assert names - tested == set()
    assert [name for name in names if len((RUNBOOKS / f"{name}.md").read_text("utf-8").splitlines()) > 60] == []


def test_first_tenant(runbook: Runbook, entra: LocalEntra) -> None:
    add_user(entra, "grace", "Grace")
    pilot = entra.portal.people.add_group("Pilot", ADELE)
    runbook.run("pulumi stack init prod")
    runbook.run("pulumi config set tenantUrl https://YOUR-EPTURA-SCIM-DOMAIN/scim/v1/", url=entra.scim.url)
    runbook.run("pulumi config set --secret secretToken", typed=entra.scim.token)
    runbook.run("pulumi config set scope assigned")
    runbook.run("pulumi config set assignedGroups 11111111-1111-4111-8111-111111111111", group=pilot)
    runbook.run("pulumi config set provisioning off")
    assert "sufficient for `pulumi up`" in " ".join(runbook.run("eptura-scim doctor").split())
    runbook.run("eptura-scim check-directory tenant")
    assert "to create" in runbook.run("pulumi preview")
    assert entra.portal.applications() == []
    runbook.run("pulumi up")
    assert users(entra) == {}
    runbook.run("eptura-scim provision-on-demand adele.vance@contoso.example --wait 600")
    assert active(entra) == {"adele.vance"}
    runbook.run("pulumi config set provisioning on")
    runbook.run("pulumi up")
    runbook.run("eptura-scim status")
    cycle(entra)
    assert active(entra) == {"adele.vance"}
    runbook.run("pulumi config rm assignedGroups")
    runbook.run("pulumi config set scope all")
    assert "the scope grows" in runbook.run("pulumi preview")
    runbook.run("pulumi up")
    cycle(entra)
    assert active(entra) == {"adele.vance", "grace"}


def test_adopt(runbook: Runbook, entra: LocalEntra) -> None:
    portal = entra.portal
    portal.create_application("EpturaScimApplication")
    portal.create_job()
    portal.set_tenant_url(entra.scim.url)
    portal.set_secret_token(entra.scim.token)
    portal.start()
    runbook.run("pulumi stack init prod")
    runbook.run('eptura-scim adopt "EpturaScimApplication" --dry-run')
    entra.calls.clear()
    runbook.run('eptura-scim adopt "EpturaScimApplication"', typed="y\n")
    runbook.run("pulumi config set --secret secretToken", typed=entra.scim.token)
    assert "externalId" in runbook.run("eptura-scim drift", exits=2)
    assert entra.calls.writes() == []
    runbook.run("pulumi up")
    runbook.run("eptura-scim drift")
    runbook.run("eptura-scim status")
    cycle(entra)
    assert users(entra)[ADELE]["externalId"] != "adele.vance"


def test_drift_review(runbook: Runbook, prod: Shell, entra: LocalEntra) -> None:
    entra.portal.set_user_source("name.givenName", "[department]")
    review = runbook.run("eptura-scim drift", exits=2)
    assert "[department]" in review
    assert "changed outside Pulumi" in review
    assert "newly declared" not in review
    runbook.run("pulumi up")
    runbook.run("eptura-scim drift")
    entra.portal.set_scope("assigned")
    runbook.run("pulumi config set scope assigned")
    runbook.run("pulumi up")
    runbook.run("eptura-scim drift")
    assert entra.portal.secrets()["SyncAll"] == "false"
    entra.portal.people.assign(ADELE)
    runbook.run("eptura-scim status")
    runbook.run("eptura-scim provision-on-demand adele.vance@contoso.example")
    assert active(entra) == {"adele.vance"}


def test_token_rotation(runbook: Runbook, prod: Shell, entra: LocalEntra) -> None:
    old = entra.scim.token
    entra.scim.accept_tokens([old, NEW_TOKEN])
    runbook.run("pulumi config set --secret secretToken", typed=NEW_TOKEN)
    assert "secretTokenFingerprint" in runbook.run("pulumi preview")
    said = runbook.run("pulumi up")
    assert NEW_TOKEN not in said
    entra.portal.people.edit_user(ADELE, givenName="Augusta")
    runbook.run("eptura-scim provision-on-demand adele.vance@contoso.example")
    runbook.run("eptura-scim status")
    entra.scim.accept_tokens([NEW_TOKEN])
    runbook.run("eptura-scim drift")
    cycle(entra)
    assert users(entra)[ADELE]["name"]["givenName"] == "Augusta"


def test_quarantine(runbook: Runbook, prod: Shell, entra: LocalEntra) -> None:
    entra.portal.quarantine()
    entra.portal.set_user_source("name.givenName", "[department]")
    assert "in quarantine" in runbook.run("eptura-scim status --connection", exits=3)
    assert "[department]" in runbook.run("eptura-scim drift", exits=2)
    runbook.run("pulumi up")
    runbook.run("eptura-scim doctor")
    runbook.run("eptura-scim restart --yes")
    cycle(entra)
    runbook.run("eptura-scim status")


@pytest.fixture
def held_back(prod: Shell, entra: LocalEntra) -> None:
    """Two users have left the directory, and one deletion in a cycle is allowed."""
    prod.pulumi("config", "set", "accidentalDeletionThreshold", "1")
    prod.pulumi("up", "--yes")
    for name in ("grace", "joan"):
        add_user(entra, name, name.title())
    cycle(entra)
    for name in ("grace", "joan"):
        entra.portal.people.delete_user(f"{name}@contoso.example")
    cycle(entra)
    assert active(entra) == {"adele.vance", "grace", "joan"}


@pytest.mark.usefixtures("held_back")
def test_accidental_deletions(runbook: Runbook, entra: LocalEntra) -> None:
    assert "TooManyDeletes" in runbook.run("eptura-scim status", exits=3)

    for name in ("grace", "joan"):
        entra.portal.people.restore_user(f"{name}@contoso.example")
    runbook.run("eptura-scim restart --yes")
    cycle(entra)
    runbook.run("eptura-scim status")
    assert active(entra) == {"adele.vance", "grace", "joan"}

    for name in ("grace", "joan"):
        entra.portal.people.delete_user(f"{name}@contoso.example")
    cycle(entra)
    assert active(entra) == {"adele.vance", "grace", "joan"}
    runbook.run("eptura-scim restart --force-deletes --yes")
    cycle(entra)
    runbook.run("eptura-scim status")
    assert active(entra) == {"adele.vance"}


def test_wrong_external_id(runbook: Runbook, prod: Shell, entra: LocalEntra) -> None:
    right = users(entra)[ADELE]["externalId"]
    entra.portal.set_user_source("externalId", "[mailNickname]")
    add_user(entra, "grace", "Grace")
    cycle(entra)
    wrong = users(entra)["grace@contoso.example"]["externalId"]
    runbook.run("pulumi config set provisioning off")
    runbook.run("pulumi up")
    assert right in runbook.run("eptura-scim simulate adele.vance@contoso.example --stack prod --mappings live")
    remove_at_eptura(entra, "grace@contoso.example")
    runbook.run("pulumi config set provisioning on")
    runbook.run("pulumi up")
    runbook.run("eptura-scim restart --reset-scope Full --yes")
    cycle(entra)
    runbook.run("eptura-scim status")
    found = users(entra)
    assert found[ADELE]["externalId"] == right
    assert found["grace@contoso.example"]["externalId"] != wrong


def remove_at_eptura(entra: LocalEntra, name: str) -> None:
    """What Eptura's support does with an account."""
    address = f"{entra.scim.url}Users/{users(entra)[name]['id']}"
    request = Request(address, method="DELETE", headers={"Authorization": f"Bearer {entra.scim.token}"})
    trust = ssl.create_default_context(cafile=entra.environment["SSL_CERT_FILE"])
    with urlopen(request, context=trust) as reply:
        assert reply.status == 204


def test_other_eptura_tenant(runbook: Runbook, prod: Shell, entra: LocalEntra) -> None:
    other = entra.scim.url.replace("localhost", "127.0.0.1")  # another address, for want of a second SCIM server
    assert urlsplit(other).hostname != urlsplit(entra.scim.url).hostname
    entra.scim.accept_tokens([entra.scim.token, NEW_TOKEN])
    runbook.run("eptura-scim pause")
    runbook.run("pulumi config set tenantUrl https://NEW-EPTURA-SCIM-DOMAIN/scim/v1/", url=other)
    runbook.run("pulumi config set --secret secretToken", typed=NEW_TOKEN)
    runbook.run("eptura-scim doctor")
    assert "tenantUrl" in runbook.run("pulumi preview")
    runbook.run("pulumi up")
    entra.scim.accept_tokens([NEW_TOKEN])
    add_user(entra, "grace", "Grace")
    cycle(entra)
    runbook.run("eptura-scim status")
    assert entra.portal.secrets()["BaseAddress"] == other
    assert active(entra) == {"adele.vance", "grace"}


def test_uninstall(runbook: Runbook, prod: Shell, entra: LocalEntra) -> None:
    runbook.run("pulumi config set provisioning off")
    runbook.run("pulumi config set protect off")
    runbook.run("pulumi up")
    runbook.run("pulumi destroy")
    runbook.run("pulumi stack rm prod --yes")
    assert entra.portal.applications() == []
    assert active(entra) == {"adele.vance"}


def test_disaster(runbook: Runbook, prod: Shell, entra: LocalEntra) -> None:
    application = entra.portal.applications()
    shutil.rmtree(prod.folder.parent / ".pulumi")
    entra.calls.clear()
    runbook.run("pulumi stack init prod")
    runbook.run('eptura-scim adopt "EpturaScimApplication"', typed="y\n")
    assert "useExisting" in runbook.run("eptura-scim drift", exits=2)
    assert entra.calls.writes() == []
    runbook.run("pulumi up")
    runbook.run("eptura-scim drift")
    assert entra.portal.applications() == application
    cycle(entra)
    assert active(entra) == {"adele.vance"}
