"""Any configuration gives settings, or one error that names each wrong setting and no right one."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from eptura_scim.settings import Settings, SettingsError, settings_of_texts

NAMES = [field.alias or "" for field in Settings.model_fields.values()]
RIGHT = {"tenantUrl": "https://scim.eptura.example/scim/v1/", "secretToken": "s3cret-token"}
TEXTS = st.text(max_size=20) | st.sampled_from(
    (
        "on",
        "off",
        "true",
        "all",
        "assigned",
        "direct",
        "rfc3966",
        "externalIdOnly",
        "a@b.example",
        "5",
        "0",
        "²",
        "-1",
        "9" * 5000,
        "1.5",
        "https://x/scim/v1/",
        "https://<EPTURA-SCIM-Domain>/scim/v1/",
        "https://x:99999/scim/v1/",
        "create,update",
        "create,explode",
        "11111111-1111-1111-1111-111111111111",
        'department EQUALS "sales"',
        "a AND",
        "x" * 2000,
        "None",
        "null",
        "{}",
        "\n",
        "é",
        "\x00",
    )
)
CONFIGURATIONS = st.dictionaries(
    st.sampled_from(NAMES)
    | st.sampled_from(("tenanturl", "secret_token", "scopes", "Scope", ""))
    | st.text(max_size=8),
    TEXTS,
    max_size=6,
)


def wrong_names(values: dict[str, str], secret: set[str]) -> list[str] | None:
    """The settings that the error names, one per line; None without an error."""
    try:
        settings_of_texts(values, secret)
    except SettingsError as error:
        first, *lines = str(error).split("\n  ")
        assert first == "these settings are missing or wrong:"
        # Deeper lines show a text and the place in it.
        return [line.partition(": ")[0] for line in lines if not line.startswith("  ")]
    return None


@given(CONFIGURATIONS, st.booleans())
@example({"secret_token": "in-clear"}, True)
def test_each_wrong_setting_is_named_and_no_right_one(values: dict[str, str], encrypted: bool) -> None:
    secret = {"secretToken"} if encrypted else set()
    together = wrong_names({**RIGHT, **values}, secret) or []
    alone = {name for name, value in values.items() if wrong_names({**RIGHT, name: value}, {"secretToken"})}
    if not encrypted and values.get("secretToken", "x"):
        alone.add("secretToken")
    assert {name.split("\n")[0] for name in together} == {name.split("\n")[0] for name in alone}


@given(st.text(min_size=1, max_size=30), st.booleans())
def test_no_error_repeats_the_token(token: str, encrypted: bool) -> None:
    token = f"t0ken{token}t0ken"
    try:
        settings_of_texts({"secretToken": token, "scope": "x"}, ["secretToken"] if encrypted else [])
    except SettingsError as error:
        assert token not in str(error)
