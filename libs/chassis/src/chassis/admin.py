"""The admin listener: metrics and health, on a port of their own that never faces the internet."""

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from chassis.health import Health


def admin_app(health: Health) -> web.Application:
    """`/metrics` for Prometheus, `/livez` and `/readyz` for probes: 200, or 503 and the reason."""

    async def metrics(_request: web.Request) -> web.Response:
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def livez(_request: web.Request) -> web.Response:
        return _verdict(health.not_alive())

    async def readyz(_request: web.Request) -> web.Response:
        return _verdict(health.not_ready())

    app = web.Application()
    app.add_routes(
        [
            web.get("/metrics", metrics),
            web.get("/livez", livez),
            web.get("/readyz", readyz),
        ]
    )
    return app


def _verdict(reason: str | None) -> web.Response:
    if reason is None:
        return web.Response(text="ok\n")
    return web.Response(status=503, text=f"{reason}\n")
