"""Answers in Graph's own shape. Pure; used by graph_api.py."""

from typing import Any

import orjson
from aiohttp import web

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
