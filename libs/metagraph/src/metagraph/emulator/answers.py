"""Answers in Graph's own shape, and the bearer of a request. Pure; used by the Graph side."""

from typing import Any

import orjson
from aiohttp import hdrs, web

from metagraph.emulator import ids

UNUSUAL_STATUS = {0: 401, 1: 500, 2: 503, 3: 500, 10: 403, 190: 401, 368: 403}
UNUSUAL_STATUS |= {131000: 500, 131005: 403, 131016: 500, 131031: 403, 131057: 500}
"""The HTTP status of codes that are not answered 400; 200 to 299 are 403 too."""


def json(status: int, body: Any) -> web.Response:
    """Any JSON answer."""
    return web.Response(status=status, body=orjson.dumps(body), content_type="application/json")


def error(
    code: int,
    details: str,
    *,
    subcode: int | None = None,
    message: str | None = None,
    status: int | None = None,
) -> web.Response:
    """`{"error": …}` with the status usual for the code, unless another is given."""
    usual = 403 if 200 <= code < 300 else UNUSUAL_STATUS.get(code, 400)  # noqa: PLR2004
    body: dict[str, Any] = {
        "message": message or f"(#{code}) {details}",
        "type": "OAuthException",
        "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": details},
        "fbtrace_id": ids.trace_id(),
    }
    if subcode is not None:
        body["error_subcode"] = subcode
    return json(status or usual, {"error": body})


def accepted(given: str, to: str, wamid: str) -> web.Response:
    """What a send is answered: whom Meta understood, and the message's id."""
    who = {"wa_id": to} if to.isdecimal() else {"user_id": to}
    return json(
        200,
        {
            "messaging_product": "whatsapp",
            "contacts": [{"input": given, **who}],
            "messages": [{"id": wamid}],
        },
    )


def done() -> web.Response:
    """`{"success": true}`."""
    return json(200, {"success": True})


def bearer(request: web.Request) -> str:
    """The token, or nothing. Only the header counts: one in the query would end in a log."""
    scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    return token.strip() if scheme == "Bearer" else ""


def no_token() -> web.Response:
    """What a request without a bearer is answered."""
    return error(190, "An access token is required in the Authorization header.")


def no_object(number: str) -> web.Response:
    """What an unknown id is answered."""
    return error(100, f"Object with ID '{number}' does not exist.", subcode=33)
