"""Microsoft's examples: what is printed there comes out here."""

from __future__ import annotations

from pathlib import Path

import pytest

from eptura_scim.local_entra.errors import ODataError
from eptura_scim.local_entra.switches import Switches
from eptura_scim.local_entra.synchronization.schema import check_schema
from eptura_scim.mapping import ExpressionError, evaluate, parse, source_tree
from tests.unit.expressions.vectors import Vector, tables, vectors

SURE = [vector for vector in vectors() if vector.doubt is None and vector.error != "save"]
DECIDED = [vector for vector in vectors() if vector.doubt is not None and vector.decided]


def named(vector: Vector) -> str:
    return vector.id


@pytest.mark.parametrize("vector", SURE, ids=named)
def test_a_documented_example_gives_what_is_documented(vector: Vector) -> None:
    assert vector.holds(), f"{vector.source}: expected {vector.expected!r}"


@pytest.mark.parametrize("vector", DECIDED, ids=named)
def test_a_doubtful_example_gives_what_the_documented_rules_say(vector: Vector) -> None:
    assert vector.holds(), f"{vector.source}: by the rules {vector.expected!r}, doubtful because {vector.doubt}"


@pytest.mark.parametrize("vector", [v for v in SURE if v.error == "parse"], ids=named)
def test_texts_that_entra_refuses_are_refused_when_parsed(vector: Vector) -> None:
    with pytest.raises(ExpressionError):
        parse(vector.expression)


@pytest.mark.parametrize("vector", [v for v in SURE if v.error is None], ids=named)
def test_the_tree_of_a_documented_example_gives_the_same(vector: Vector) -> None:
    if vector.pattern is None:
        result = evaluate(
            source_tree(vector.expression, vector.semantics),
            vector.attributes,
            semantics=vector.semantics,
            **vector.context,
        )
        assert result == vector.result()


def test_an_attribute_in_the_wrong_case_is_refused_on_save() -> None:
    (vector,) = [vector for vector in vectors() if vector.error == "save"]
    name = next(iter(vector.attributes))
    schema = {
        "directories": [
            {"name": "Entra", "objects": [{"name": "User", "attributes": [{"name": name}]}]},
            {"name": "App", "objects": [{"name": "User", "attributes": [{"name": "displayName"}]}]},
        ],
        "synchronizationRules": [
            {
                "sourceDirectoryName": "Entra",
                "targetDirectoryName": "App",
                "objectMappings": [
                    {
                        "sourceObjectName": "User",
                        "targetObjectName": "User",
                        "attributeMappings": [
                            {"targetAttributeName": "displayName", "source": source_tree(vector.expression)}
                        ],
                    }
                ],
            }
        ],
    }
    with pytest.raises(ODataError) as caught:
        check_schema(schema, "1", Switches())
    assert caught.value.code == "SchemaInvalid"


def test_every_vector_names_its_page_and_section() -> None:
    assert all("#" in vector.source or "/" in vector.source for vector in vectors())
    assert len(vectors()) == 215


def test_tables_of_the_documentation_are_those_of_the_command() -> None:
    documentation = (Path(__file__).parents[3] / "docs" / "expressions.md").read_text(encoding="utf-8")
    assert "\n".join(tables()) in documentation
