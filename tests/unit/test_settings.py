"""Settings: the documented defaults, and one readable error for everything that is wrong."""

import pytest

from eptura_scim import documented
from eptura_scim.graph.secrets import SECRETS_BYTES, ConnectionSettings, secrets_size
from eptura_scim.settings import Settings, SettingsError, settings_of_texts

GROUP = "0f0e0d0c-0b0a-4908-8706-050403020100"
GOOD = {"tenantUrl": "https://scim.example.com/scim/v1/", "secretToken": "token-1"}


def read(**changes: str) -> Settings:
    return settings_of_texts({**GOOD, **changes}, secret={"secretToken"})


def problem(**changes: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(**changes)
    return str(caught.value)


def test_the_defaults_are_those_of_the_guide() -> None:
    settings = read()
    assert settings.application_name == "EpturaScimApplication"
    assert (settings.phone_work, settings.phone_mobile) == ("off", "off")
    assert settings.group_matching == "externalIdThenDisplayName"
    assert (settings.scope, settings.provisioning) == ("all", True)
    assert settings.notification_email is None
    assert settings.accidental_deletion_threshold is None
    assert settings.mappings == documented.mappings()
    assert settings.protect


def test_all_wrong_settings_are_named_in_an_error() -> None:
    text = problem(
        tenantUrl="http://x",
        secretToken="a b",
        applicationName=" ",
        phoneWork="yes",
        phoneMobile="tel",
        groupMatching="x",
        scope="some",
        assignedUsers="nobody",
        assignedGroups=f"{GROUP},{GROUP}",
        userFilter="department LIKES sales",
        groupFilter="userType EQUALS guest",
        userActions="create,purge",
        groupActions=",",
        skipOutOfScopeDeletions="perhaps",
        provisioning="maybe",
        deleteOtherJobs="perhaps",
        notificationEmail="nobody",
        accidentalDeletionThreshold="-1",
        testSavedToken="2",
        tokenWarningDays="soon",
        owners="me@example.com",
        notes="x" * 1025,
        protect="always",
    )
    names = [line.split(":")[0].strip() for line in text.splitlines()[1:] if not line.startswith("    ")]
    assert names == [field.alias for field in Settings.model_fields.values()]


def test_missing_settings_come_with_the_command_that_sets_them() -> None:
    with pytest.raises(SettingsError) as caught:
        settings_of_texts({"tenantUrl": "", "secretToken": ""}, secret=[])
    assert "pulumi config set tenantUrl" in str(caught.value)
    assert "pulumi config set --secret secretToken" in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://<EPTURA-SCIM-Domain>/scim/v1/",
        "https://EPTURA-SCIM-DOMAIN/scim/v1/",
        "http://scim.example.com/scim/v1/",
        "https://scim.example.com/scim/v1",
        "https://scim.example.com/scim/v2/",
        "https://scim.example.com/",
        "https:///scim/v1/",
        "https://user:pass@scim.example.com/scim/v1/",
        "https://scim.example.com/scim/v1/?x=1",
        " https://scim.example.com/scim/v1/",
        "https://localhost:99999/scim/v1/",
        "https://a..b/scim/v1/",
        "https://a-.b/scim/v1/",
    ],
)
def test_a_tenant_url_of_another_form_is_refused(url: str) -> None:
    assert "tenantUrl:" in problem(tenantUrl=url)


@pytest.mark.parametrize("url", ["https://localhost:8443/scim/v1/", "https://scimstage.eptura.cloud/scim/v1/"])
def test_the_documented_form_is_accepted_with_any_host_and_port(url: str) -> None:
    assert read(tenantUrl=url).tenant_url == url


def test_a_token_in_clear_is_refused() -> None:
    with pytest.raises(SettingsError, match="is stored unencrypted"):
        settings_of_texts(GOOD, secret=[])


def test_no_error_and_no_representation_shows_the_token() -> None:
    assert "s3cr3t" not in problem(secretToken="s3cr3t token", scope="x")
    assert "s3cr3t" not in repr(read(secretToken="s3cr3t"))


def test_a_misspelled_setting_is_named_with_the_nearest_one() -> None:
    assert "tenantURL: is not a setting; did you mean tenantUrl?" in problem(tenantURL="https://x/scim/v1/")


@pytest.mark.parametrize(("text", "on"), [("on", True), ("off", False), ("true", True), ("False", False)])
def test_switches_take_the_portals_words_and_booleans(text: str, on: bool) -> None:
    assert read(provisioning=text).provisioning is on


@pytest.mark.parametrize("text", ["0", "-5", "1.5", "many", "99999999999999999999999"])
def test_a_threshold_must_be_a_number_above_zero(text: str) -> None:
    assert "accidentalDeletionThreshold: must be a whole number" in problem(accidentalDeletionThreshold=text)


def test_a_threshold_is_read_as_a_number() -> None:
    assert read(accidentalDeletionThreshold="500").accidental_deletion_threshold == 500


def test_object_ids_are_separated_by_commas() -> None:
    other = GROUP.replace("0f", "1f").upper()
    assert read(assignedGroups=f"{GROUP}, {other}").assigned_groups == (GROUP, other.lower())


def test_what_is_wrong_with_a_list_is_named() -> None:
    assert "must be an object id; it is 'x'" in problem(owners=f"{GROUP},x")
    assert "must be object ids with commas between them; it is" in problem(owners=f"{GROUP};{GROUP}")
    assert f"names {GROUP} twice" in problem(owners=f"{GROUP},{GROUP}")


@pytest.mark.parametrize("name", ["userActions", "owners"])
@pytest.mark.parametrize("given", ["{one},,{one}", "{one},", ",", " "])
def test_an_empty_entry_of_a_list_is_said_in_words(name: str, given: str) -> None:
    text = given.format(one="create" if name == "userActions" else GROUP)
    expected = f"{name}: has an empty entry: write one comma between two entries, and none at the end"
    assert expected in problem(**{name: text}).splitlines()[1]


def test_a_scoping_filter_is_wrong_at_a_character() -> None:
    assert "userFilter: expected one of EQUALS" in (text := problem(userFilter="department LIKES sales"))
    assert "at character 12" in text


def test_object_actions_are_some_of_three() -> None:
    actions = read(userActions="Create, update").mappings.user_actions
    assert (actions.create, actions.update, actions.delete) == (True, True, False)


def test_filters_and_phones_become_mappings() -> None:
    mappings = read(phoneMobile="e164", groupFilter='displayName ENDS_WITH "-eptura"').mappings
    assert 'phoneNumbers[type eq "mobile"].value' in mappings.users
    assert mappings.group_filter == 'displayName ENDS_WITH "-eptura"'


def test_a_filter_with_a_pattern_that_cannot_be_read_is_refused() -> None:
    assert "userFilter: REGEX MATCH: the pattern '((' cannot be used" in problem(userFilter='city REGEX MATCH "(("')


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://x.example/scim/v1/?aadOptscim062020", "ends with ?, and the flag aadOptscim062020"),
        ("https://x.example/scim/v1", "lacks the slash at the end"),
        ("https://x.example/scim/v1//", "has two slashes at the end"),
        ("https://x.example/scim/v1/Users", "ends with /Users, which Entra adds itself"),
        ("http://x.example/scim/v1/", "is http: Entra sends the token over https alone"),
        ('"https://x.example/scim/v1/"', "begins with a quotation mark"),
        ("https://<EPTURA-SCIM-Domain>/scim/v1/", "still holds a placeholder"),
        ("https://{tenant}.x.example/scim/v1/", "still holds a placeholder"),
        ("https://YOUR-TENANT.x.example/scim/v1/", "still holds a placeholder"),
    ],
)
def test_known_mistakes_in_the_tenant_url_are_explained(url: str, said: str) -> None:
    assert f"tenantUrl: {said}" in problem(tenantUrl=url)


@pytest.mark.parametrize(
    "url", ["https://adele:s3cret@x.example/scim/v1/", "https://x.example/scim/v1/?key=s3cret", "ftp://a:s3cret@x/"]
)
def test_a_password_or_key_in_the_tenant_url_is_not_shown(url: str) -> None:
    told = problem(tenantUrl=url)
    assert "tenantUrl: " in told
    assert "s3cret" not in told


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("Bearer abc123", 'begins with "Bearer", which Entra adds itself'),
        ("bearer abc123", 'begins with "Bearer"'),
        ("Authorization: Bearer abc123", 'begins with "Bearer"'),
        ('"abc123"', "stands in quotation marks"),
        ("\u201cabc123\u201d", "stands in quotation marks"),
        ("*", "is what a masked token is shown as"),
        ("\u2022\u2022\u2022", "is what a masked token is shown as"),
        ("<token>", "is a placeholder"),
        ("YOUR-TOKEN", "is a placeholder"),
        ("your_secret_token", "is a placeholder"),
        ("undefined", "is a placeholder"),
    ],
)
def test_a_known_mistake_of_the_token_is_told_without_the_token(token: str, said: str) -> None:
    told = problem(secretToken=token)
    assert f"secretToken: {said}" in told
    assert "abc123" not in told


@pytest.mark.parametrize("token", ["token-1", "bearer1", "eyJhbGciOiJIUzI1NiJ9.e30.x", "my.token.x", "a*b"])
def test_other_tokens_are_taken(token: str) -> None:
    assert read(secretToken=token).secret_token.get_secret_value() == token


def test_all_secrets_together_fit_into_what_entra_stores() -> None:
    taken = secrets_size(ConnectionSettings(tenant_url=GOOD["tenantUrl"], scope="all").to_secrets("", {}))
    longest = "x" * (SECRETS_BYTES - taken)
    assert read(secretToken=longest).secret_token.get_secret_value() == longest
    told = problem(secretToken=longest + "x")
    assert f"have {SECRETS_BYTES + 1} bytes together; Entra stores {SECRETS_BYTES} for all secrets" in told
    assert longest not in told
    assert "Entra stores" in problem(secretToken=longest, notificationEmail="a@example.com")


@pytest.mark.parametrize(("text", "days"), [("", 60), ("0", 0), ("off", 0), ("Off", 0), ("90", 90), ("3650", 3650)])
def test_the_days_before_an_expiry_are_a_number_or_off(text: str, days: int) -> None:
    assert read(tokenWarningDays=text).token_warning_days == days


@pytest.mark.parametrize("text", ["3651", "-1", "1.5", "two", "60d"])
def test_an_invalid_number_of_warning_days_is_refused_and_quoted(text: str) -> None:
    said = problem(tokenWarningDays=text)
    assert "tokenWarningDays: must be a whole number of days" in said
    assert text in said


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("phoneWork", "RFC3966", "rfc3966"),
        ("scope", "Assigned", "assigned"),
        ("groupMatching", "externalidonly", "externalIdOnly"),
        ("provisioning", "OFF", False),
    ],
)
def test_the_case_of_a_choice_does_not_matter(name: str, text: str, value: object) -> None:
    assert read(**{name: text}).model_dump(by_alias=True)[name] == value


def test_a_wrong_choice_is_told_with_what_was_given() -> None:
    said = problem(phoneWork="e146", scope="some")
    assert "phoneWork: must be 'off', 'direct', 'e164' or 'rfc3966'; it is 'e146'" in said
    assert "scope: must be 'all' or 'assigned'; it is 'some'" in said


def test_a_list_of_yaml_is_a_list() -> None:
    found = read(assignedGroups=f'["{GROUP}"]', userActions='["create", "Update"]')
    assert found.assigned_groups == (GROUP,)
    assert (found.user_actions.create, found.user_actions.update, found.user_actions.delete) == (True, True, False)


@pytest.mark.parametrize("text", ["[1]", "[", '[["a"]]', '{"a": 1}'])
def test_a_value_that_is_not_a_list_of_texts_is_refused(text: str) -> None:
    assert f"it is {text!r}" in problem(assignedGroups=text)


@pytest.mark.parametrize("token", ["[token]", "{token}", "xxxx", "changeme", "paste-token-here", "…", "..."])
def test_a_placeholder_is_not_a_token(token: str) -> None:
    assert "secretToken: is a placeholder, not a token" in problem(secretToken=token)


@pytest.mark.parametrize("token", ["$TOKEN", "${EPTURA_TOKEN}", "$(EpturaToken)", "%TOKEN%", "$env:TOKEN"])
def test_a_variable_that_was_not_replaced_is_not_a_token(token: str) -> None:
    assert "secretToken: is the name of a variable that was not replaced" in problem(secretToken=token)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("scim.eptura.com/scim/v1/", "lacks https:// at its beginning"),
        ("https://scim.eptura.com", "is the host alone"),
        ("https://scim.eptura.com/scim/v1/ ", "has blanks at its ends"),
        ("HTTPS://scim.eptura.com/SCIM/v1/", "is in capitals"),
        ("https://scim.eptura.com/scim/v1/#top", "ends with #"),
    ],
)
def test_known_mistakes_in_the_address_are_explained(url: str, said: str) -> None:
    assert f"tenantUrl: {said}" in problem(tenantUrl=url)
