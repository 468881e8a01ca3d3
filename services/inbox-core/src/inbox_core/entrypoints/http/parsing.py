"""From bytes to validated values, once, before a handler runs. Whatever is wrong names its field.

Called by the pipeline. Every bound is here: body, depth, values reported.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any, TypeVar
from uuid import UUID

import orjson
from aiohttp import web
from pydantic import BaseModel, ValidationError

from inbox_core.entrypoints.http.problems import FieldError, Problem
from inbox_core.entrypoints.http.route import Route

MAX_BODY = 256 * 1024
BODY_S = 15.0
UPLOAD_S = 600.0
MAX_DEPTH = 16
MAX_ERRORS = 20
MAX_KEY = 255
VERSION = "v"
ID = "id"
"""How the name of an id in a path ends; the others are numbers."""
MAX_DIGITS = 4
NUMBER = re.compile(rf"[0-9]{{1,{MAX_DIGITS}}}")
IDEMPOTENCY_KEY = "Idempotency-Key"

Model = TypeVar("Model", bound=BaseModel)


async def read_body(request: web.Request, model: type[Model]) -> Model:
    """The body as the model; none at all stands for `{}`. Raises Problem."""
    if request.body_exists and request.content_type != "application/json":
        raise Problem("unsupported_media_type", "Send Content-Type: application/json.")
    raw = await read_raw(request) or b"{}"
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise Problem("malformed_json", "The body is not JSON in UTF-8.") from None
    if _deeper_than(value, MAX_DEPTH):
        raise Problem("malformed_json", f"More than {MAX_DEPTH} levels of nesting.")
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise _invalid(error, value) from None


async def read_raw(request: web.Request) -> bytes:
    """The body's bytes, kept for the next who asks. Raises Problem when they trickle."""
    try:
        async with asyncio.timeout(BODY_S):
            return await request.read()
    except TimeoutError:
        raise Problem("body_too_slow", headers={"Connection": "close"}) from None


def read_query(request: web.Request, model: type[Model]) -> Model:
    """The query as the model; a parameter comes once. Raises Problem."""
    twice = [name for name in set(request.query) if len(request.query.getall(name)) > 1]
    if twice:
        raise refused_parameter(min(twice), "repeated", "The parameter comes twice.")
    try:
        return model.model_validate(dict(request.query))
    except ValidationError as error:
        raise _invalid(error) from None


def no_query(request: web.Request) -> None:
    """A parameter nobody reads is a typing error, or a filter that silently does nothing."""
    for name in request.query:
        raise refused_parameter(name, "extra_forbidden", "There is no such parameter here.")


def read_ids(request: web.Request) -> dict[str, UUID]:
    """The UUIDs of the path; what is none cannot be found. Raises Problem."""
    words = request.match_info.items()
    try:
        return {name: UUID(word) for name, word in words if name.endswith(ID)}
    except ValueError:
        raise Problem("not_found", "The address holds an id that is none.") from None


def read_numbers(request: web.Request) -> dict[str, int]:
    """The numbers of the path. Raises Problem."""
    words = {name: word for name, word in request.match_info.items() if not name.endswith(ID)}
    if not all(NUMBER.fullmatch(word) for word in words.values()):
        raise Problem("not_found", "The address holds a number that is none.")
    return {name: int(word) for name, word in words.items()}


async def read_chunks(request: web.Request) -> AsyncIterator[bytes]:
    """The body as it comes. Raises Problem when it trickles."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + UPLOAD_S
    while True:
        try:
            async with asyncio.timeout_at(min(ends, loop.time() + BODY_S)):
                chunk = await request.content.readany()
        except TimeoutError:
            raise Problem("body_too_slow", headers={"Connection": "close"}) from None
        if not chunk:
            return
        yield chunk


def read_version(request: web.Request, route: Route) -> int | None:
    """The version If-Match names; None when any will do. Raises Problem."""
    if route.if_match == "no":
        return None
    tag = request.headers.get("If-Match")
    if tag is None:
        if route.if_match == "required":
            raise Problem("precondition_required", 'Send If-Match with the ETag, as in "v3".')
        return None
    if tag.strip() == "*":
        return None
    digits = tag.strip().removeprefix(f'"{VERSION}').removesuffix('"')
    if tag.strip() != etag(digits) or not (digits.isascii() and digits.isdecimal()):
        raise Problem("version_mismatch", "If-Match names no version of ours.")
    return int(digits[:18])


def etag(version: int | str) -> str:
    """The ETag of a version."""
    return f'"{VERSION}{version}"'


def read_idempotency_key(request: web.Request) -> str | None:
    """Raises Problem for one that is not 1 to 255 visible ASCII characters."""
    key = request.headers.get(IDEMPOTENCY_KEY)
    if key is None:
        return None
    if not (0 < len(key) <= MAX_KEY and key.isascii() and key.isprintable() and " " not in key):
        raise refused_parameter(
            IDEMPOTENCY_KEY, "invalid_key", f"1 to {MAX_KEY} visible ASCII characters."
        )
    return key


def refused_parameter(name: str, code: str, detail: str) -> Problem:
    return Problem(
        "invalid_request", errors=[FieldError(parameter=name[:64], code=code, detail=detail)]
    )


def _invalid(error: ValidationError, body: Any = None) -> Problem:
    """`body` is what was validated; None: it was the query."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    errors = []
    for one in found[:MAX_ERRORS]:
        steps = [str(step)[:64] for step in _steps(one["loc"], body)]
        errors.append(
            FieldError(
                pointer=None if body is None else "".join(f"/{_escaped(step)}" for step in steps),
                parameter=".".join(steps) if body is None else None,
                code=one["type"],
                detail=one["msg"].removeprefix("Value error, "),
            )
        )
    return Problem("invalid_request", errors=errors)


def _steps(location: tuple[int | str, ...], body: Any) -> list[int | str]:
    """The way into the body. Behind a part's number validation names its `type`: no step."""
    steps: list[int | str] = []
    found = body
    for before, step in zip((None, *location), location, strict=False):
        if isinstance(before, int) and isinstance(found, dict) and found.get("type") == step:
            continue
        steps.append(step)
        found = _item(found, step)
    return steps


def _item(value: Any, step: int | str) -> Any:
    match value, step:
        case dict(), str():
            return value.get(step)
        case list(), int() if step < len(value):
            return value[step]
        case _:
            return None


def _escaped(step: str) -> str:
    """A step of a JSON pointer (RFC 6901)."""
    return step.replace("~", "~0").replace("/", "~1")


def _deeper_than(value: Any, most: int) -> bool:
    level = [value]
    for _ in range(most):
        level = [item for parent in level for item in _items(parent)]
        if not level:
            return False
    return True


def _items(value: Any) -> list[Any]:
    match value:
        case dict():
            return list(value.values())
        case list():
            return value
        case _:
            return []
