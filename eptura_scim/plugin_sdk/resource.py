"""A resource of a provider: a model of its inputs and four functions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from eptura_scim.errors import ReadableError
from eptura_scim.plugin_sdk.difference import DifferenceKind, Path, differences

__all__ = ["Created", "Inputs", "Resource"]


class Inputs(BaseModel):
    """Base of a resource's inputs: Python names here, Pulumi's camelCase on the wire, nothing unknown accepted.

    Rules on single fields belong in their annotated types, so that they hold while other fields are not yet known.
    """

    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, validate_by_alias=True, extra="forbid", frozen=True
    )


InputsT = TypeVar("InputsT", bound=Inputs)


class Created(NamedTuple):
    """What a create gives: the id, and outputs beyond the inputs."""

    id: str
    outputs: dict[str, Any] = {}  # noqa: RUF012  (never changed)


class Resource(ABC, Generic[InputsT]):
    """One kind of resource. A concrete class sets `inputs` and writes create, read, update and delete.

    All four may raise PluginError; anything else counts as a defect of the provider.
    """

    inputs: type[InputsT]
    """The model of the inputs."""

    replace_on: ClassVar[frozenset[str]] = frozenset()
    """Wire names of the inputs whose change needs another object."""

    delete_before_replace: ClassVar[bool] = False

    ignore_unset_inputs: ClassVar[bool] = False
    """Whether an input that the program leaves unset may have any value, as with providers bridged from Terraform."""

    unset_means_empty: ClassVar[frozenset[str]] = frozenset()
    """Wire names of the inputs that are emptied where the program leaves them unset and does not ignore them."""

    computed: ClassVar[frozenset[str]] = frozenset()
    """Wire names of the outputs that a preview of a create names as unknown."""

    kept_outputs: ClassVar[frozenset[str]] = frozenset()
    """Wire names of outputs that only the state knows: `read` gets them with the inputs of the last run, and a refresh
    keeps them where it does not give them."""

    digests: ClassVar[frozenset[str]] = frozenset()
    """Paths of inputs that are digests: a preview says that they changed, without the values."""

    def preprocess_inputs(self, urn: str, new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
        """Change raw inputs before they are validated: keep a secret out of the state, say."""
        return new

    def equivalent(self, path: Path, old: Any, new: Any) -> bool:
        """Whether two leaves mean the same."""
        return bool(old == new)

    def differences(self, old: dict[str, Any], new: dict[str, Any]) -> list[tuple[Path, DifferenceKind]]:
        """Where the last state's inputs and the declared ones differ."""
        return list(differences(old, new, self.equivalent))

    def can_be_ignored(self, path: Path, old: dict[str, Any], new: dict[str, Any]) -> bool:
        """Whether the program's `ignoreChanges` applies to a difference: it does not to what the provider owes."""
        return True

    async def problems(self, urn: str, old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str]]:
        """Property and reason of each declared input that the service would refuse: a preview fails for them.

        `old` are the inputs of the last run, empty at first; `new` are valid by themselves. It must not raise.
        """
        return []

    async def change_warnings(self, old: dict[str, Any], new: dict[str, Any], paths: Sequence[Path]) -> list[str]:
        """What a change of these paths will cost, in sentences: warnings in preview and update.

        It may ask the service; it must not raise.
        """
        return []

    def is_declared(self, resource_id: str, old: dict[str, Any]) -> bool:
        """Whether the program declares an object in this run, under this name or another one.

        Such an object is kept when the resource that had it before is deleted, because it was replaced or renamed.
        """
        return False

    async def explanation(self, error: ReadableError, resource_id: str, values: dict[str, Any]) -> str:
        """What is told instead of the error of a create or an update; empty where the error says it itself.

        `resource_id` is empty at a create, `values` are the inputs in wire names. It must not raise.
        """
        return ""

    @abstractmethod
    async def create(self, urn: str, inputs: InputsT) -> Created:
        """Create the object, or take over what an interrupted run left of it."""

    @abstractmethod
    async def read(self, resource_id: str, last_inputs: dict[str, Any]) -> tuple[InputsT, dict[str, Any]] | None:
        """The live object as inputs and further outputs; None where it is gone.

        `last_inputs` holds the inputs of the last run in wire names, and the outputs of `kept_outputs`; on import it is
        empty and the id is all there is.
        """

    @abstractmethod
    async def update(self, urn: str, resource_id: str, old: dict[str, Any], new: InputsT) -> dict[str, Any]:
        """Make the object as `new` says; gives outputs beyond the inputs. `old` are the outputs of the last run."""

    @abstractmethod
    async def delete(self, resource_id: str, old: dict[str, Any]) -> None:
        """Remove the object. An object that is already gone is not an error."""
