"""`eptura-scim adopt` from the user's side: what it shows, asks, sets and imports."""

from __future__ import annotations

import asyncio
import os
import pty
import subprocess
import sys

import pytest

from eptura_scim.local_entra import Fault, LocalEntra
from tests.integration.terminal import Terminal

ALL = [
    "EpturaScimProvisioning",
    "ApplicationFromTemplate",
    "ServicePrincipal",
    "EnterpriseApplicationName",
    "SynchronizationJob",
    "SynchronizationSecrets",
    "SynchronizationSchema",
    "SynchronizationJobState",
]


def adopt(terminal: Terminal, *options: str, typed: str = "") -> str:
    done = terminal.run("adopt", "Made by hand", "--yes", *options, typed=typed)
    assert done.exit_code == 0, done.output
    return done.output


def test_adopt_sets_what_differs_from_defaults_and_imports(terminal: Terminal, made_by_hand: LocalEntra) -> None:
    made_by_hand.portal.set_deletion_threshold(9)
    said = adopt(terminal)
    assert terminal.stack["config"] == {
        "applicationName": "Made by hand",
        "tenantUrl": made_by_hand.scim.url,
        "phoneWork": "direct",
        "phoneMobile": "direct",
        "provisioning": "off",
        "accidentalDeletionThreshold": "9",
    }
    assert terminal.imported == ALL
    assert "Set the secret token: `pulumi config set --secret secretToken`" in said


def test_nothing_is_written_to_entra(terminal: Terminal, made_by_hand: LocalEntra) -> None:
    made_by_hand.calls.clear()
    terminal.run("adopt", "Made by hand", "--yes", "--token-stdin", typed=made_by_hand.scim.token)
    assert [call.area for call in made_by_hand.calls.writes()] == []


def test_differences_beyond_settings_are_shown_with_their_cost(terminal: Terminal, made_by_hand: LocalEntra) -> None:
    made_by_hand.portal.start()
    made_by_hand.portal.disable_sign_in()
    said = adopt(terminal, "--dry-run")
    for line in (
        "~ accountEnabled: false => true",
        '- users.title: "[jobTitle]"',
        '~ users.externalId.source: "[mailNickname]" => "[objectId]"',
        "warning: changed mappings start a new initial cycle over all users and groups",
        "warning: users who were provisioned before keep their externalId: Eptura never changes one",
    ):
        assert f"    {line}\n" in said


def test_a_dry_run_writes_nothing(terminal: Terminal, made_by_hand: LocalEntra) -> None:
    assert "Nothing was written" in adopt(terminal, "--dry-run")
    assert terminal.stack["config"] == {}
    assert terminal.imported == []


def test_a_token_of_standard_input_is_tested_before_any_setting(terminal: Terminal, made_by_hand: LocalEntra) -> None:
    done = terminal.run("adopt", "Made by hand", "--yes", "--token-stdin", typed="not-this-one\n")
    assert done.exit_code == 1
    assert "Entra tested the secret token" in done.stderr
    assert "not-this-one" not in done.output + done.stderr
    assert terminal.stack["config"] == {}
    done = terminal.run("adopt", "Made by hand", "--yes", "--token-stdin", typed=f"{made_by_hand.scim.token}\n")
    assert done.exit_code == 0, done.output
    assert terminal.stack["secrets"] == {"secretToken": made_by_hand.scim.token}
    assert made_by_hand.scim.token not in done.output


def test_a_token_that_cannot_be_tested_is_set_and_that_is_said(terminal: Terminal, made_by_hand: LocalEntra) -> None:
    made_by_hand.faults.add(Fault(method="POST", path="/validateCredentials$", status=403))
    done = terminal.run("adopt", "Made by hand", "--yes", "--token-stdin", typed=made_by_hand.scim.token)
    assert done.exit_code == 0, done.output
    assert "The token was not tested" in done.output
    assert terminal.stack["secrets"] == {"secretToken": made_by_hand.scim.token}


def test_without_a_yes_nothing_is_done(terminal: Terminal, made_by_hand: LocalEntra) -> None:
    done = terminal.run("adopt", "Made by hand", typed="n\n")
    assert done.exit_code == 1
    assert terminal.imported == []
    assert terminal.run("adopt", "Made by hand", typed="y\n").exit_code == 0
    assert terminal.imported == ALL


def test_standard_input_holds_an_answer_or_a_token_not_both(terminal: Terminal) -> None:
    done = terminal.run("adopt", "Made by hand", "--token-stdin", typed="x")
    assert "--token-stdin needs --yes" in done.stderr


@pytest.mark.parametrize("stops_after", [0, 1, 5])
def test_a_rerun_ends_what_an_interrupted_run_began(
    terminal: Terminal, made_by_hand: LocalEntra, stops_after: int
) -> None:
    done = terminal.run("adopt", "Made by hand", "--yes", PLAIN_PULUMI_STOPS_AFTER=str(stops_after))
    assert done.exit_code == 1
    assert "stopped here" in done.stderr
    assert len(terminal.imported) == stops_after
    adopt(terminal)
    assert terminal.imported == ALL


def test_a_rerun_of_a_whole_run_does_nothing(terminal: Terminal, made_by_hand: LocalEntra) -> None:
    adopt(terminal, "--token-stdin", typed=made_by_hand.scim.token)
    before = terminal.stack
    assert "The stack holds it all already: nothing to do." in adopt(terminal)
    assert terminal.stack == before


def test_settings_of_the_stack_stay_and_show_as_differences(terminal: Terminal, made_by_hand: LocalEntra) -> None:
    terminal.configure(phoneWork="rfc3966")
    said = adopt(terminal)
    assert terminal.stack["config"]["phoneWork"] == "rfc3966"
    assert "phoneWork stays as the stack has it; Entra has direct" in said
    assert '~ users["phoneNumbers[type eq \\"work\\"].value"].source' in said


def test_a_stack_that_holds_another_application_is_left_alone(terminal: Terminal, made_by_hand: LocalEntra) -> None:
    adopt(terminal)
    before = terminal.stack
    made_by_hand.portal.create_application("Another")
    done = terminal.run("adopt", "Another", "--yes")
    assert done.exit_code == 1
    assert "the stack holds another application" in done.stderr
    assert "ApplicationFromTemplate::eptura" in done.stderr
    assert terminal.stack == before


def test_without_a_connection_the_token_is_reported_as_untested(terminal: Terminal, entra: LocalEntra) -> None:
    entra.portal.create_application("Made by hand")
    entra.portal.create_job()
    said = adopt(terminal, "--token-stdin", typed="some-token\n")
    assert "The token was not tested: Entra has no connection" in said
    assert "SynchronizationSecrets" in said
    assert "~ tenantUrl" not in said
    assert terminal.stack["secrets"] == {"secretToken": "some-token"}


def test_without_a_job_the_application_alone_is_taken_over(terminal: Terminal, entra: LocalEntra) -> None:
    entra.portal.create_application("Made by hand")
    said = adopt(terminal)
    assert terminal.imported == ALL[:4]
    assert "no synchronization job: the next `pulumi up` makes one" in said
    assert "Set the tenant URL: `pulumi config set tenantUrl`" in said


def test_settings_of_the_stack_that_are_wrong_are_named_first(terminal: Terminal, made_by_hand: LocalEntra) -> None:
    terminal.configure(scope="everyone", tenantUrl="http://x")
    done = terminal.run("adopt", "Made by hand", "--yes")
    assert done.exit_code == 1
    assert "scope: must be 'all' or 'assigned'" in done.stderr
    assert "tenantUrl: is http" in done.stderr
    assert terminal.imported == []


def test_a_missing_stack_is_named_with_the_command_to_make_it(terminal: Terminal) -> None:
    done = terminal.run("adopt", "Made by hand", "--stack", "nope")
    assert done.stderr.endswith("stack nope: no stack named 'nope' found; `pulumi stack init nope` makes one")


def test_a_second_job_and_another_enterprise_name_are_named(terminal: Terminal, made_by_hand: LocalEntra) -> None:
    job = made_by_hand.portal.job()["id"]
    made_by_hand.portal.rename("Renamed")
    portal = made_by_hand.portal.of("Made by hand")
    portal.at(portal.create_job()).start()
    refused = terminal.run("adopt", "Made by hand", "--yes")
    assert "the application has 2 jobs; name one with --job" in refused.stderr
    said = adopt(terminal, "--job", job)
    assert '~ displayName: "Renamed" => "Made by hand"' in said
    assert "warning: another job of the application is paused: " in said


def test_after_a_cycle_adopt_warns_of_wrong_external_ids(terminal: Terminal, made_by_hand: LocalEntra) -> None:
    made_by_hand.portal.start()
    asyncio.run(made_by_hand.provisioning.run_cycle())
    assert "    warning: this application has already run a cycle; the externalId of existing users" in adopt(terminal)


def test_an_identity_that_may_only_read_is_enough(terminal: Terminal, made_by_hand: LocalEntra) -> None:
    made_by_hand.permissions.only("Application.Read.All", "Synchronization.Read.All")
    done = terminal.run("adopt", "Made by hand", "--yes", "--token-stdin", typed=made_by_hand.scim.token)
    assert done.exit_code == 0, done.output
    assert terminal.imported == ALL
    assert "The token was not tested" in done.output


def test_assignments_are_adopted_where_the_scope_is_assigned(terminal: Terminal, made_by_hand: LocalEntra) -> None:
    principal = made_by_hand.portal.service_principal()["id"]
    user = made_by_hand.people.add_user(userPrincipalName="ada@contoso.example")["id"]
    group = made_by_hand.people.add_group(displayName="Team")["id"]
    ids = [made_by_hand.people.assign(principal, who)["id"] for who in (user, group)]
    made_by_hand.portal.set_scope("assigned")
    adopt(terminal)
    assert {name: terminal.stack["config"][name] for name in ("scope", "assignedUsers", "assignedGroups")} == {
        "scope": "assigned",
        "assignedUsers": user,
        "assignedGroups": group,
    }
    imported = {item["urn"].rsplit("::", 1)[-1]: item["id"] for item in terminal.stack["resources"]}
    for who, assignment in zip((user, group), ids, strict=True):
        assert imported[f"eptura-{who}"] == f"/servicePrincipals/{principal}/appRoleAssignedTo/{assignment}"


def test_a_job_deleted_during_adopt_asks_for_another_run(terminal: Terminal, made_by_hand: LocalEntra) -> None:
    made_by_hand.faults.add(Fault(path="/schema$", status=404, times=9))
    done = terminal.run("adopt", "Made by hand", "--yes")
    assert done.exit_code == 1
    assert done.stderr.endswith("or what belongs to it, was not found any more: run this again")
    assert terminal.stack["config"] == {}
    assert terminal.imported == []


def test_at_a_terminal_the_token_is_asked_for_and_not_shown(terminal: Terminal, made_by_hand: LocalEntra) -> None:
    keyboard, screen = pty.openpty()
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", "from eptura_scim.cli import main; main()"),
            *("adopt", "Made by hand", "--project", str(terminal.project)),
        ],
        env={**os.environ, **terminal.environment, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=screen,
        stdout=screen,
        stderr=screen,
        start_new_session=True,  # so that no other terminal is asked
    )
    os.close(screen)
    said = ""
    for question, answer in (("set it later): ", made_by_hand.scim.token), ("[y/N]: ", "y"), ("also shows", "")):
        while question not in said:
            said += os.read(keyboard, 4096).decode()
        os.write(keyboard, f"{answer}\n".encode())
    assert process.wait(timeout=20) == 0, said
    os.close(keyboard)
    assert made_by_hand.scim.token not in said
    assert terminal.stack["secrets"] == {"secretToken": made_by_hand.scim.token}
