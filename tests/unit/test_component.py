"""What the component says before it declares anything."""

from __future__ import annotations

import pulumi
import pytest

from eptura_scim import component, documented


@pytest.mark.parametrize(("cloud", "template"), documented.NON_GALLERY_TEMPLATES.items())
def test_each_cloud_has_its_own_template(cloud: str, template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARM_ENVIRONMENT", cloud.upper())
    assert component._template_id() == template


def test_an_unknown_cloud_is_named_with_the_known_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARM_ENVIRONMENT", "moon")
    with pytest.raises(pulumi.RunError, match="ARM_ENVIRONMENT is 'moon'; set it to one of public, "):
        component._template_id()
