"""Tags with a meaning for Entra's portal, and the names azuread has for them.

`feature_tags` and the older `features` say the same; `hide` of the one is the opposite of `visible_to_users` of the
other.
"""

from __future__ import annotations

from collections.abc import Collection

from eptura_scim.graph.gallery import FEATURE_TAGS
from eptura_scim.plugin_sdk.resource import Inputs

__all__ = ["Feature", "FeatureTag", "feature_tag", "older_feature", "tags_of"]


class FeatureTag(Inputs):
    """One entry of `featureTags`."""

    custom_single_sign_on: bool = False
    enterprise: bool = False
    gallery: bool = False
    hide: bool = False


class Feature(Inputs):
    """One entry of `features`."""

    custom_single_sign_on_app: bool = False
    enterprise_application: bool = False
    gallery_application: bool = False
    visible_to_users: bool = True


def tags_of(features: FeatureTag | Feature) -> list[str]:
    """The tags, in the order in which azuread writes them."""
    match features:
        case FeatureTag():
            chosen = (features.custom_single_sign_on, features.enterprise, features.gallery, features.hide)
        case Feature():
            chosen = (
                features.custom_single_sign_on_app,
                features.enterprise_application,
                features.gallery_application,
                not features.visible_to_users,
            )
    return [tag for tag, wanted in zip(FEATURE_TAGS.values(), chosen, strict=True) if wanted]


def feature_tag(tags: Collection[str]) -> FeatureTag:
    """Read live tags; like azuread, without regard to case."""
    folded = {tag.casefold() for tag in tags}
    return FeatureTag(**{name: tag.casefold() in folded for name, tag in FEATURE_TAGS.items()})


def older_feature(tags: Collection[str]) -> Feature:
    """Read live tags under their older names."""
    current = feature_tag(tags)
    return Feature(
        custom_single_sign_on_app=current.custom_single_sign_on,
        enterprise_application=current.enterprise,
        gallery_application=current.gallery,
        visible_to_users=not current.hide,
    )
