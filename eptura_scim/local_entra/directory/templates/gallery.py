"""The application templates that the tenant can instantiate: that of a non-gallery app, and some of the gallery.

Source: Microsoft Graph v1.0, resource type applicationTemplate; data/README.md tells where each value comes from.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict, TypeAdapter

from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.odata.shapes import TEXT, Shape
from eptura_scim.local_entra.tenant import NON_GALLERY_TEMPLATE
from eptura_scim.types import Json

__all__ = ["APPLICATION_TEMPLATE", "GalleryTemplate", "gallery", "gallery_template"]

APPLICATION_TEMPLATE = Shape(
    name="applicationTemplate",
    properties={
        "id": "",
        "categories": [],
        "description": TEXT,
        "displayName": "",
        "homePageUrl": TEXT,
        "logoUrl": TEXT,
        "publisher": TEXT,
        "supportedProvisioningTypes": [],
        "supportedSingleSignOnModes": [],
    },
)
"""An application template as Graph shows it."""


class GalleryTemplate(BaseModel):
    """What is known of one application template."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    template: Json
    """The properties that Graph shows; those that are missing are null or empty."""
    app_roles: dict[str, str] = {}
    """Ids of the app roles of an application that it makes, by name."""
    jobs: tuple[str, ...] | None = None
    """Ids of the templates of its synchronization jobs, the default one first; None where they are not known."""

    @property
    def id(self) -> str:
        """The id that `instantiate` takes."""
        return str(self.template["id"])

    @property
    def is_custom(self) -> bool:
        """Whether it is the template of applications that are not in the gallery."""
        return self.id == NON_GALLERY_TEMPLATE

    def shown(self) -> Json:
        """The template as Graph shows it."""
        return {**APPLICATION_TEMPLATE.blank, **self.template}


@cache
def gallery() -> dict[str, GalleryTemplate]:
    """The templates by id."""
    text = resources.files("eptura_scim.local_entra").joinpath("data", "gallery.json").read_text(encoding="utf-8")
    return {found.id: found for found in TypeAdapter(list[GalleryTemplate]).validate_python(json.loads(text))}


def gallery_template(identifier: str) -> GalleryTemplate:
    """A template by id. Raises ODataError 404."""
    if (found := gallery().get(identifier)) is None:
        raise ODataError.no_object(identifier)
    return found
