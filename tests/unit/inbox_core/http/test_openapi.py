"""The document: valid, complete, the same every time."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis

from inbox_core.entrypoints.http.openapi import openapi_document
from inbox_core.entrypoints.http.routes import ROUTES


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in openapi_document()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def references(value: Any) -> Iterator[str]:
    match value:
        case {"$ref": str(reference)}:
            yield reference
        case dict():
            for item in value.values():
                yield from references(item)
        case list():
            for item in value:
                yield from references(item)
        case _:
            pass


def test_the_same_every_time() -> None:
    assert json.dumps(openapi_document()) == json.dumps(openapi_document())


def test_it_is_openapi_3_1() -> None:
    schemathesis.openapi.from_dict(openapi_document()).validate()


def test_its_schemas_are_json_schema_and_its_references_lead_somewhere() -> None:
    document = openapi_document()
    schemas = document["components"]["schemas"]
    assert {f"#/components/schemas/{name}" for name in schemas} >= set(references(document))
    for schema in schemas.values():
        jsonschema_rs.meta.validate(schema)


def test_every_route_is_in_it_once() -> None:
    found = [(method, path) for method, path, _ in operations()]
    assert found == [(route.method, route.path) for route in ROUTES]
    names = [route.name for route in ROUTES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_an_operation_tells_what_the_table_says(route: Any) -> None:
    [operation] = [
        o for method, path, o in operations() if (method, path) == (route.method, route.path)
    ]
    headers = {p["name"]: p["required"] for p in operation["parameters"] if p["in"] == "header"}
    assert ("Idempotency-Key" in headers) == route.repeatable
    assert (
        headers.get("If-Match") == {"no": None, "optional": False, "required": True}[route.if_match]
    )
    assert ("requestBody" in operation) == (route.body is not None or route.upload)
    assert operation["security"] or route.needs == "anyone"
    statuses = set(operation["responses"])
    assert {str(status) for status in route.answers} <= statuses
    assert ("401" in statuses) == (route.needs != "anyone" or "bad_credentials" in route.problems)
    if not route.safe and route.needs != "anyone":
        assert operation["security"][0] == {"session": [], "csrf": []}


def test_changing_things_by_post_can_be_repeated_safely() -> None:
    """Every POST inside a workspace takes an Idempotency-Key."""
    posts = [route for route in ROUTES if route.method == "POST" and route.in_workspace]
    assert all(route.repeatable for route in posts)


def test_secrets_go_in_and_never_come_out() -> None:
    schemas = openapi_document()["components"]["schemas"]
    with_secret = {
        name for name, schema in schemas.items() if "secret" in schema.get("properties", {})
    }
    assert with_secret == {"ChannelBody", "ChannelPatch"}
