"""The OpenAPI 3.1 document, made of the table of routes and the models it names.

Served at /v1/openapi.json, written by `inbox-core-admin openapi`. The same input gives the same
bytes: routes in the table's order, schemas by name.
"""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from inbox_core.app.access import ALLOWED, Permission
from inbox_core.entrypoints.http.authentication import CSRF_HEADER, PLAIN_COOKIE, SECURE_COOKIE
from inbox_core.entrypoints.http.parsing import ID, IDEMPOTENCY_KEY, MAX_DIGITS, MAX_KEY
from inbox_core.entrypoints.http.problems import KINDS, MEDIA_TYPE, ProblemBody
from inbox_core.entrypoints.http.route import Route
from inbox_core.entrypoints.http.routes import ROUTES

VERSION = "1.0.0"
REF = "#/components/schemas/{model}"
DESCRIPTION = """\
The inbox of Sluice: conversations of every channel in one place.

Everything lies under a workspace; an id of another workspace is simply not found. Lists are paged
by opaque cursors, newest first. Refusals are RFC 9457 problems with a stable `code`. Times are
RFC 3339 in UTC.

A page of ours authenticates with the session cookie and, to change anything, shows the session's
CSRF token; a program authenticates with an API token, which belongs to one workspace."""
TAGS = {
    "Access": "Sessions, and who is who.",
    "Channels": "The platform accounts messages come in and go out by.",
    "Conversations": "The list, its badges, read marks and status.",
    "Messages": "Threads, replies, and what became of them.",
    "Files": "What people upload to send, and what messages hold.",
    "Realtime": "News as it happens: by socket, or by long poll.",
}
SCHEMES = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": SECURE_COOKIE,
        "description": f"Set by login; `{PLAIN_COOKIE}` where screens are served without TLS.",
    },
    "csrf": {"type": "apiKey", "in": "header", "name": CSRF_HEADER},
    "token": {"type": "http", "scheme": "bearer", "description": "An API token, slt_…"},
}
READS: list[dict[str, list[str]]] = [{"session": []}, {"token": []}]
WRITES: list[dict[str, list[str]]] = [{"session": [], "csrf": []}, {"token": []}]

IDENTIFIER = {"type": "string", "format": "uuid"}
NUMBER = {"type": "integer", "minimum": 0, "maximum": 10**MAX_DIGITS - 1}
BYTES = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
IN_PATH = re.compile(r"{(\w+)}")
TAG = {"description": "The version, as If-Match takes it.", "schema": {"type": "string"}}


def openapi_document() -> dict[str, Any]:
    """The whole document, as JSON values."""
    schemas, names = _schemas()
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, names)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Sluice inbox",
            "version": VERSION,
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": SCHEMES},
    }


Names = Mapping[tuple[Any, JsonSchemaMode], dict[str, Any]]
"""Model and mode → its reference."""


def _schemas() -> tuple[dict[str, Any], Names]:
    """Every model of the table by its name, and the reference to each."""
    wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = [(ProblemBody, "serialization")]
    for route in ROUTES:
        if route.body is not None:
            wanted.append((route.body, "validation"))
        wanted += [(model, "serialization") for model in route.answers.values() if model]
    names, definitions = models_json_schema(list(dict.fromkeys(wanted)), ref_template=REF)
    schemas = definitions["$defs"]
    return {name: schemas[name] for name in sorted(schemas)}, names


def _operation(route: Route, names: Names) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "tags": [route.tag],
        "summary": route.summary,
        "security": [] if route.needs == "anyone" else READS if route.safe else WRITES,
        "parameters": _parameters(route),
    }
    if isinstance(route.needs, Permission):
        roles = [role for role in ("owner", "admin", "support", "viewer")
                 if role in ALLOWED[route.needs]]  # fmt: skip
        operation["description"] = f"For the roles {', '.join(roles)}."
    if route.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": names[route.body, "validation"]}},
        }
    if route.upload:
        operation["requestBody"] = {"required": True, "content": BYTES}
    operation["responses"] = _answers(route, names) | _refusals(route, names)
    return operation


def _parameters(route: Route) -> list[dict[str, Any]]:
    found = [
        {"name": name, "in": "path", "required": True,
         "schema": IDENTIFIER if name.endswith(ID) else NUMBER}
        for name in IN_PATH.findall(route.path)
    ]  # fmt: skip
    if route.query is not None:
        found += _query_parameters(route.query)
    if route.repeatable:
        found.append(
            _header(
                IDEMPOTENCY_KEY,
                "The same in every attempt of one request: its first answer is kept for a day.",
                {"type": "string", "pattern": "^[!-~]+$", "minLength": 1, "maxLength": MAX_KEY},
            )
        )
    if route.if_match != "no":
        text = "The ETag of what you change; 412 when it has changed meanwhile."
        header = _header("If-Match", text, {"type": "string"})
        found.append({**header, "required": route.if_match == "required"})
    if route.download:
        text = "One range of bytes, as in bytes=0-1023."
        found.append(_header("Range", text, {"type": "string"}))
    if route.tagged or route.download:
        text = "The ETag of an answer you have; 304 while it is the same."
        found.append(_header("If-None-Match", text, {"type": "string"}))
    return found


def _query_parameters(model: type[BaseModel]) -> list[dict[str, Any]]:
    schema = model.model_json_schema(ref_template=REF)
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "schema": _without_null(field),
        }
        for name, field in schema["properties"].items()
    ]


def _without_null(field: dict[str, Any]) -> dict[str, Any]:
    """A parameter is left out, never null; so neither its schema nor its default says so."""
    kept = {key: value for key, value in field.items() if key not in ("anyOf", "title")}
    if kept.get("default", ...) is None:
        del kept["default"]
    for choice in field.get("anyOf", ()):
        if choice.get("type") != "null":
            kept |= choice
    return kept


def _header(name: str, text: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "description": text, "schema": schema}


def _answers(route: Route, names: Names) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for status, model in sorted(route.answers.items()):
        answer: dict[str, Any] = {"description": route.summary}
        if model is not None:
            schema = names[model, "serialization"]
            answer["content"] = {"application/json": {"schema": schema}}
        if route.download:
            answer["content"] = BYTES
        versioned = model is not None and "version" in model.model_fields
        if route.tagged or route.download or route.if_match != "no" or versioned:
            answer["headers"] = {"ETag": TAG}
        answers[str(status)] = answer
    if route.tagged or route.download:
        answers["304"] = {"description": "The same as the answer If-None-Match names."}
    return answers


def _refusals(route: Route, names: Names) -> dict[str, Any]:
    """One response a status; its description lists the codes."""
    codes: dict[int, list[str]] = {}
    for code in _codes(route):
        codes.setdefault(KINDS[code].status, []).append(code)
    schema = names[ProblemBody, "serialization"]
    return {
        str(status): {
            "description": "; ".join(f"`{code}`: {KINDS[code].title}" for code in found),
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status, found in sorted(codes.items())
    }


def _codes(route: Route) -> list[str]:
    """The route's own refusals, and those that follow from its other columns."""
    codes = list(route.problems)
    if route.needs != "anyone":
        codes.append("unauthenticated")
        codes += [] if route.safe else ["csrf"]
    if route.in_workspace:
        codes += ["not_found", "forbidden"]
    codes.append("invalid_request")
    if route.upload:
        codes += ["body_too_large", "body_too_slow"]
    if route.download:
        codes.append("range_not_satisfiable")
    if route.body is not None:
        codes += [
            "malformed_json",
            "body_too_large",
            "body_too_slow",
            "unsupported_media_type",
        ]
    if route.repeatable:
        codes += ["request_in_flight", "idempotency_key_reused"]
    if route.if_match != "no":
        codes.append("version_mismatch")
    if route.if_match == "required":
        codes.append("precondition_required")
    return [*dict.fromkeys([*codes, "internal", "unavailable"])]
