"""Objects of one type in one file of the state folder, for types of which a tenant has few."""

from __future__ import annotations

import json

from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.state_files import corrupt, read_json, write_atomically
from eptura_scim.local_entra.storage.store import Store
from eptura_scim.types import Json, copied

__all__ = ["KeptObjects"]


class KeptObjects:
    """Objects by their `id`, oldest first; each change writes the whole file. The caller holds the tenant's lock."""

    def __init__(self, store: Store, name: str) -> None:
        """`name` is that of the file. Raises StateCorruptError, StateError."""
        self._path = store.file(name)
        self._objects: dict[str, Json] = {}
        if self._path is not None and self._path.exists():
            found = read_json(self._path)
            if not isinstance(found, list) or not all(isinstance(item, dict) and "id" in item for item in found):
                raise corrupt(self._path, "it holds no list of objects")
            self._objects = {item["id"]: item for item in found}

    def all(self) -> list[Json]:
        """Copies of all objects."""
        return copied(list(self._objects.values()))

    def get(self, identifier: str) -> Json:
        """A copy of one object. Raises ODataError 404."""
        if identifier not in self._objects:
            raise ODataError.no_object(identifier)
        return copied(self._objects[identifier])

    def put(self, item: Json) -> None:
        """Add an object, or replace that of the same id. Raises StateError."""
        self._write({**self._objects, item["id"]: copied(item)})

    def remove(self, identifier: str) -> None:
        """Forget an object. Raises ODataError 404, StateError."""
        self.get(identifier)
        self._write({key: item for key, item in self._objects.items() if key != identifier})

    def _write(self, objects: dict[str, Json]) -> None:
        if self._path is not None:  # first: what cannot be kept has not happened
            write_atomically(self._path, json.dumps(list(objects.values()), indent=1))
        self._objects = objects
