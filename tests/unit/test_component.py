"""The component: what it declares for known and unknown arguments, and for the options of its caller."""

from __future__ import annotations

import base64
import inspect
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pulumi
import pulumi_azuread as azuread
import pytest

from eptura_scim import component, documented
from eptura_scim.component import EpturaScimProvisioning, EpturaScimProvisioningArgs
from eptura_scim.environment import LOCAL_PASSPHRASE
from eptura_scim.plugin_sdk.values import UNKNOWN
from eptura_scim.settings import Settings
from tests.outcomes import program
from tests.unit.declarations import Declarations, declared_by

URL = "https://scim.eptura.example/scim/v1/"
TOKEN = "s3cret-token"
GROUP = "0f0e0d0c-0b0a-4908-8706-050403020100"
USER = "1f1e1d1c-1b1a-4918-8716-151413121110"
MINIMAL: EpturaScimProvisioningArgs = {"tenant_url": URL, "secret_token": TOKEN}
EVERYTHING: EpturaScimProvisioningArgs = {
    **MINIMAL,
    "application_name": "Eptura",
    "phone_work": "rfc3966",
    "phone_mobile": "e164",
    "group_matching": "externalIdOnly",
    "scope": "assigned",
    "assigned_users": [USER],
    "assigned_groups": [GROUP],
    "user_filter": 'department  EQUALS "sales"',
    "group_filter": 'displayName EQUALS "sales"',
    "user_actions": ["create", "update"],
    "group_actions": ["update"],
    "skip_out_of_scope_deletions": True,
    "provisioning": False,
    "delete_other_jobs": True,
    "notification_email": "it@contoso.example",
    "accidental_deletion_threshold": 5,
    "test_saved_token": False,
    "token_warning_days": 30,
    "owners": [USER],
    "notes": "Ask IT.",
    "protect": False,
}


def declared(args: Any, **options: Any) -> Declarations:
    """What the component declares; arguments that hold outputs are made by a function, inside the program."""
    return declared_by(
        lambda: EpturaScimProvisioning("eptura", args() if callable(args) else args, pulumi.ResourceOptions(**options))
    )


def later(value: Any) -> Any:
    """The value as an output."""
    return pulumi.Output.from_input(value)


def unknown(name: str = "maker") -> Any:
    """An output of a resource that a preview does not know."""

    class Maker(pulumi.CustomResource):
        made: pulumi.Output[Any]

    return Maker("test:index:Maker", name, {"made": None}).made


def inputs_of(found: Declarations) -> dict[str, dict[str, Any]]:
    """All inputs; a sealed token reads differently each time."""
    return {
        urn: {name: value for name, value in resource.inputs.items() if name != "secretToken"}
        for urn, resource in found.resources.items()
    }


def refusal(args: Any) -> str:
    with pytest.raises(pulumi.RunError) as caught:
        declared(args)
    return str(caught.value)


@pytest.mark.parametrize(("cloud", "template"), documented.NON_GALLERY_TEMPLATES.items())
def test_each_cloud_has_its_own_template(cloud: str, template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARM_ENVIRONMENT", cloud.upper())
    assert component._template_id() == template


def test_an_unknown_cloud_is_named_with_the_known_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARM_ENVIRONMENT", "moon")
    with pytest.raises(pulumi.RunError, match="ARM_ENVIRONMENT is 'moon'; set it to one of public, "):
        component._template_id()


@pytest.mark.parametrize("args", [MINIMAL, EVERYTHING], ids=["the defaults", "everything"])
def test_arguments_declare_what_the_same_settings_declare(args: EpturaScimProvisioningArgs) -> None:
    settings = Settings.model_validate(args)
    from_settings, from_arguments = declared(settings), declared(args)
    assert inputs_of(from_arguments) == inputs_of(from_settings)
    assert (from_arguments.token(), from_settings.token()) == (TOKEN, TOKEN)
    schema = from_arguments.one("SynchronizationSchema").inputs
    assert {"servicePrincipalId": None, "jobId": None, **settings.mappings.model_dump(mode="json", by_alias=True)} == {
        "userFilter": None, "groupFilter": None, **schema, "servicePrincipalId": None, "jobId": None,
    }  # fmt: skip


def test_outputs_declare_what_plain_values_declare() -> None:
    in_the_program = {"assigned_users", "assigned_groups", "protect"}
    names = {name for name in EVERYTHING if name not in in_the_program}
    found = declared(lambda: {name: later(value) if name in names else value for name, value in EVERYTHING.items()})
    assert inputs_of(found) == inputs_of(declared(EVERYTHING))
    assert found.token() == TOKEN


def test_all_wrong_arguments_are_named_in_an_error() -> None:
    text = refusal(
        lambda: {
            "tenant_url": "https://x",
            "scope": "some",
            "assigned_groups": ["nobody", GROUP, GROUP],
            "provisioning": "perhaps",
            "accidental_deletion_threshold": 0,
            "user_actions": ["purge"],
            "phone_wrok": "off",
            "protect": later(True),
        }
    )
    assert text.splitlines() == [
        "these settings are missing or wrong:",
        "  tenant_url: is the host alone: it must read https://<your Eptura SCIM domain>/scim/v1/; it is 'https://x'",
        "  secret_token: is missing",
        "  scope: must be 'all' or 'assigned'; it is 'some'",
        "  assigned_groups: must be an object id; it is 'nobody'",
        "  user_actions: must be one or more of create, update, delete; 'purge' is not an action",
        "  provisioning: must be true or false",
        "  accidental_deletion_threshold: must be a whole number from 1 to 2147483647; it is 0",
        "  protect: must be True or False: the program has to know it",
        "  phone_wrok: is not a setting; did you mean phone_work?",
    ]


@pytest.mark.parametrize("ids", [lambda: GROUP, lambda: 5, lambda: later([GROUP])], ids=["text", "number", "output"])
def test_assigned_groups_are_a_list_or_a_mapping(ids: Any) -> None:
    text = refusal(lambda: {**MINIMAL, "assigned_groups": ids()})
    assert "assigned_groups: must be a list or a mapping; its items may be outputs" in text


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("tenant_url", "https://very-s3cret", "tenant_url: is the host alone: it must read https://<your Eptura"),
        ("secret_token", "very s3cret", "secret_token: is empty, or contains spaces"),
        ("phone_work", "very-s3cret", "phone_work: must be 'off', "),
        ("notification_email", "very-s3cret", "notification_email: must be an e-mail address"),
    ],
)
def test_a_wrong_output_is_refused_without_its_value(name: str, value: str, words: str) -> None:
    text = refusal(lambda: {**MINIMAL, name: pulumi.Output.secret(value)})
    assert words in text
    assert "s3cret" not in text
    assert words in refusal({**MINIMAL, name: value})


def test_what_a_preview_does_not_know_leaves_the_rest_known() -> None:
    found = declared_by(
        lambda: EpturaScimProvisioning("eptura", {**MINIMAL, "phone_work": unknown("a"), "scope": unknown("b")}),
        preview=True,
    )
    schema = found.one("SynchronizationSchema").inputs
    assert schema["users"] is UNKNOWN
    assert set(schema["groups"]) == {"externalId", "displayName", "members"}
    assert found.one("SynchronizationSecrets").inputs["scope"] is UNKNOWN
    assert found.one("SynchronizationSecrets").inputs["tenantUrl"] == URL
    configuration = found.one("SynchronizationJob").inputs["configuration"]
    known = declared(MINIMAL).one("SynchronizationJob").inputs["configuration"]
    assert configuration == {**known, "secrets": UNKNOWN, "mappings": UNKNOWN}


def test_a_token_of_another_resource_reaches_the_plugin_sealed() -> None:
    def declare() -> None:
        EpturaScimProvisioning("eptura", {"tenant_url": URL, "secret_token": unknown("vault")})

    found = declared_by(declare, outputs={"vault": {"made": TOKEN}})
    assert found.token() == TOKEN
    assert TOKEN not in str(inputs_of(found)) + str(found.recorded)
    assert declared_by(declare, preview=True).one("SynchronizationSecrets").inputs["secretToken"] is UNKNOWN


def test_an_assignments_name_ends_in_its_id_or_its_index() -> None:
    def declare() -> None:
        group = azuread.Group("sales", display_name="Sales", security_enabled=True)
        EpturaScimProvisioning(
            "eptura",
            {**MINIMAL, "scope": "assigned", "assigned_users": [USER], "assigned_groups": [GROUP, group.object_id]},
        )

    for preview in (True, False):
        found = declared_by(declare, preview=preview, outputs={"sales": {"objectId": GROUP.replace("0f", "2f")}})
        names = [assignment.name for assignment in found.of("AppRoleAssignment")]
        assert names == [f"eptura-{GROUP}", f"eptura-{USER}", "eptura-group-2"]
    assert found.of("AppRoleAssignment")[2].inputs["principalObjectId"] == GROUP.replace("0f", "2f")
    assert found.warnings == []


def test_the_keys_of_a_mapping_name_its_assignments() -> None:
    found = declared(lambda: {**MINIMAL, "assigned_groups": {"sales": later(GROUP), "it": USER}})
    assert {one.name: one.inputs["principalObjectId"] for one in found.of("AppRoleAssignment")} == {
        "eptura-sales": GROUP,
        "eptura-it": USER,
    }


def test_two_assignments_of_the_same_name_are_refused() -> None:
    said = refusal({**MINIMAL, "assigned_users": {"sales": USER}, "assigned_groups": {"sales": GROUP}})
    assert said.splitlines()[1:] == ["  assigned_groups: names sales twice"]


def test_two_components_stand_beside_each_other() -> None:
    def declare() -> None:
        EpturaScimProvisioning("test", {**MINIMAL, "application_name": "Eptura test"})
        EpturaScimProvisioning("production", {**MINIMAL, "secret_token": "another", "application_name": "Eptura"})

    found = declared_by(declare)
    for kind in ("ApplicationFromTemplate", "SynchronizationJob", "SynchronizationSecrets", "SynchronizationJobState"):
        assert [one.name for one in found.of(kind)] == ["production", "test"]
    assert [one.inputs["displayName"] for one in found.of("EnterpriseApplicationName")] == ["Eptura", "Eptura test"]
    assert (found.token("production"), found.token("test")) == ("another", TOKEN)
    assert found.recorded["test"]["jobId"] == "SynchronizationJob test"


def test_components_do_not_wait_inside_each_other() -> None:
    """Python refuses more than a thousand frames: a wait inside each component's wait would end a large program."""

    class Calls(Declarations):
        def __init__(self) -> None:
            super().__init__(preview=False, outputs={})
            self.frames = 0
            """The most that stood below a call."""

        def invoke(self, token: str, arguments: dict[str, Any]) -> dict[str, Any]:
            self.frames = max(self.frames, len(inspect.stack(0)))
            return super().invoke(token, arguments)

    def frames(components: int) -> int:
        def declare() -> None:
            for number in range(components):
                EpturaScimProvisioning(f"eptura-{number}", {**MINIMAL, "application_name": f"Eptura {number}"})

        calls = Calls()
        program.run(declare, calls)
        assert len(calls.of("SynchronizationJobState")) == components
        return calls.frames

    assert frames(5) == frames(1)


def test_the_arguments_are_the_settings() -> None:
    assert set(EpturaScimProvisioningArgs.__annotations__) == set(Settings.model_fields)


def test_the_component_records_all_but_the_token() -> None:
    found = declared(lambda: {**MINIMAL, "user_actions": ["create"], "assigned_groups": {"sales": later(GROUP)}})
    recorded = found.recorded["eptura"]
    names = {field.alias for field in Settings.model_fields.values()} - {"secretToken"}
    four = {
        "applicationObjectId": "application of eptura",
        "clientId": "client of application of eptura",
        "servicePrincipalObjectId": "11111111-1111-1111-1111-111111111111",
        "jobId": "SynchronizationJob eptura",
    }
    assert {name: recorded[name] for name in four} == four
    assert set(recorded) <= names | set(four) | {"ranBy", "tokenExpiry"}
    assert recorded["tenantUrl"] == URL
    assert recorded["userActions"] == ["create"]
    assert recorded["assignedGroups"] == [GROUP]
    assert TOKEN not in str(recorded)


def test_a_new_token_is_not_a_change_where_the_caller_ignores_it() -> None:
    found = declared(MINIMAL, ignore_changes=["secretToken"])
    assert found.one("SynchronizationSecrets").ignore_changes == ("secretTokenFingerprint",)
    assert declared(MINIMAL).one("SynchronizationSecrets").ignore_changes == ()


@pytest.mark.parametrize(
    ("argument", "option", "protected"),
    [(None, None, True), (None, False, False), (None, True, True), (False, True, False), (True, False, True)],
)
def test_protect_is_the_argument_or_else_the_callers_option(
    argument: bool | None, option: bool | None, protected: bool
) -> None:
    args = MINIMAL if argument is None else {**MINIMAL, "protect": argument}
    found = declared(args, protect=option)
    assert found.one("ApplicationFromTemplate").protect is protected
    assert found.one("SynchronizationSecrets").protect is protected


def test_the_callers_options_hold_for_the_component_and_children() -> None:
    seen = []

    def note(args: pulumi.ResourceTransformationArgs) -> None:
        seen.append(args.type_.rsplit(":", 1)[-1])

    def declare() -> None:
        provider = azuread.Provider("explicit", tenant_id="contoso.example")
        before = azuread.Group("before", display_name="Before", security_enabled=True)
        EpturaScimProvisioning(
            "eptura",
            {**MINIMAL, "assigned_groups": [GROUP]},
            pulumi.ResourceOptions(
                providers=[provider],
                depends_on=[before],
                aliases=[pulumi.Alias(name="older")],
                transformations=[note],
            ),
        )

    found = declared_by(declare)
    own = found.one("EpturaScimProvisioning")
    assert [urn.rsplit("::", 1)[-1] for urn in own.dependencies] == ["before"]
    assert [urn.rsplit("::", 1)[-1] for urn in own.aliases] == ["older"]
    for kind in ("ApplicationFromTemplate", "ServicePrincipal", "AppRoleAssignment"):
        one = found.one(kind)
        assert one.parent == own.urn
        assert "::explicit::" in one.provider
    assert {"SynchronizationSecrets", "SynchronizationSchema", "SynchronizationJobState"} <= {*seen}


def role(name: str, members: str = "User", *, enabled: bool = True) -> Any:
    return SimpleNamespace(id=f"id of {name}", display_name=name, enabled=enabled, allowed_member_types=[members])


@pytest.mark.parametrize(
    ("roles", "chosen"),
    [
        ([role("msiam_access"), role("User"), role("Admin")], "User"),
        ([role("msiam_access"), role("User", enabled=False)], "msiam_access"),
        ([role("Daemon", "Application"), role("Reader")], "Reader"),
    ],
    ids=["the role named User", "User is disabled", "a role of applications comes first"],
)
def test_assignments_get_the_role_user_or_the_first_for_users(roles: list[Any], chosen: str) -> None:
    assert component._role_of_users(roles) == f"id of {chosen}"


@pytest.mark.parametrize("roles", [None, [], [role("Daemon", "Application")], [role("User", enabled=False)]])
def test_default_access_is_assigned_where_no_role_is_for_users(roles: list[Any] | None) -> None:
    assert component._role_of_users(roles) == "00000000-0000-0000-0000-000000000000"


def a_token(expires: datetime) -> str:
    """A token that is a JWT."""
    claims = json.dumps({"exp": int(expires.timestamp()), "sub": "private"}).encode()
    return f"e30.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.signature"


@pytest.mark.parametrize("given", [lambda token: token, later, pulumi.Output.secret])
def test_a_token_that_expires_soon_is_warned_of_and_not_recorded(
    given: Callable[[str], Any],
) -> None:
    token = a_token(datetime.now(UTC) + timedelta(days=30, hours=1))
    found = declared(lambda: {**MINIMAL, "secret_token": given(token)})
    (warning,) = found.warnings
    assert warning.startswith("secretToken: the token expires on ")
    assert ", in 30 days: get another from Eptura" in warning
    recorded = found.recorded["eptura"]["tokenExpiry"]
    assert set(recorded) == {"expires", "warnedFrom"}
    assert token not in json.dumps(found.recorded)


@pytest.mark.parametrize("days", [0, 29])
def test_a_later_warning_about_the_token_can_be_asked_for(days: int) -> None:
    token = a_token(datetime.now(UTC) + timedelta(days=30, hours=1))
    assert declared({**MINIMAL, "secret_token": token, "token_warning_days": days}).warnings == []


def test_a_token_that_tells_no_expiry_is_not_warned_of() -> None:
    found = declared(MINIMAL)
    assert (found.warnings, found.recorded["eptura"].get("tokenExpiry")) == ([], None)


def test_known_values_longer_than_entra_stores_are_refused() -> None:
    token = "x" * 900
    said = refusal({**MINIMAL, "secret_token": token, "notification_email": "it@contoso.example"})
    assert "Entra stores 1024 for all secrets of an application" in said
    assert token not in said
    declared(lambda: {**MINIMAL, "secret_token": later(token)})  # the plugin's check looks at it


@pytest.mark.parametrize("token", [TOKEN, pytest.param(None, id="later")])
def test_a_real_tenant_url_is_refused_in_a_try_out_shell(token: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", LOCAL_PASSPHRASE)
    said = refusal(lambda: {**MINIMAL, "secret_token": token or later(TOKEN)})
    assert "tenant_url: tenantUrl names scim.eptura.example, which is not local" in said
    declared(lambda: {**MINIMAL, "tenant_url": "https://localhost:8443/scim/v1/"})
