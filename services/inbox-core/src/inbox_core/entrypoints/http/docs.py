"""The API's own pages: its document at /v1/openapi.json, a page to try it at /v1/docs.

Everything is served by us: the page's scripts are Swagger UI, from the files of a wheel, and a
content security policy lets nothing else in.
"""

from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from pathlib import Path

import orjson
from aiohttp import web

from inbox_core.entrypoints.http.openapi import openapi_document

WHEEL = "swagger_ui"
"""The import name of swagger-ui-py. Only its files are used; its code is never imported."""
FILES = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
}
POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:;"
    " style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
"""Swagger UI sets style attributes, hence unsafe-inline for styles; for scripts never."""

PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sluice inbox API</title>
<link rel="stylesheet" href="/v1/docs/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="/v1/docs/swagger-ui-bundle.js"></script>
<script src="/v1/docs/start.js"></script>
</body>
</html>
"""
START = """\
"use strict";
const csrf = { token: null };
SwaggerUIBundle({
  url: "/v1/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  tryItOutEnabled: true,
  persistAuthorization: false,
  requestInterceptor(request) {
    if (csrf.token && request.method !== "GET") request.headers["X-CSRF-Token"] = csrf.token;
    return request;
  },
  responseInterceptor(response) {
    if (response.obj && response.obj.csrf_token) csrf.token = response.obj.csrf_token;
    return response;
  },
});
"""


def docs_routes() -> list[web.RouteDef]:
    """The routes of the pages. Read from disk once, at the start."""
    document = orjson.dumps(openapi_document())
    routes = [
        web.get("/v1/openapi.json", _bytes(document, "application/json")),
        web.get("/v1/docs", _bytes(PAGE.encode(), "text/html")),
        web.get("/v1/docs/start.js", _bytes(START.encode(), "text/javascript")),
    ]
    folder = _static()
    for name, kind in FILES.items():
        routes.append(web.get(f"/v1/docs/{name}", _bytes((folder / name).read_bytes(), kind)))
    return routes


def _bytes(body: bytes, content_type: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(
            body=body,
            content_type=content_type,
            charset="utf-8",
            headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"},
        )

    return answer


def _static() -> Path:
    spec = find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise FileNotFoundError("swagger-ui-py is not installed; it is a dependency of inbox-core")
    return Path(spec.origin).parent / "static"
