"""The public REST application, made of the table of routes. Called by main() and by tests."""

from aiohttp import web

from inbox_core.entrypoints.http.authentication import Authentication, Site
from inbox_core.entrypoints.http.docs import docs_routes
from inbox_core.entrypoints.http.middleware import dress, explain, identify
from inbox_core.entrypoints.http.parsing import MAX_BODY
from inbox_core.entrypoints.http.pipeline import Pipeline, Trouble
from inbox_core.entrypoints.http.route import Backend
from inbox_core.entrypoints.http.routes import ROUTES


def build_app(backend: Backend, site: Site, trouble: Trouble) -> web.Application:
    """REST, its document and its page. The socket and the screens add their routes to it.

    `trouble` says what an error of the database means to whoever waits for an answer.
    """
    app = web.Application(client_max_size=MAX_BODY, middlewares=[identify(), explain(trouble)])
    app.on_response_prepare.append(dress(secure=site.cookie_secure))
    authentication = Authentication(backend.accounts, backend.signer, site)
    pipeline = Pipeline(backend, authentication, site, trouble)
    for route in ROUTES:
        app.router.add_route(route.method, route.path, pipeline.handler(route))
    app.add_routes(docs_routes())
    return app
