"""`sluice-site`: the demo site on loopback, until a signal."""

from aiohttp import web

from chassis.settings import load
from sluice_local.servers.ports import HOST
from sluice_local.site.server import Site
from sluice_local.site.settings import SiteSettings


def main() -> None:
    """The console script. Exit status 2 for wrong settings."""
    settings = load(SiteSettings)
    web.run_app(
        Site(settings).app(), host=HOST, port=settings.port, access_log=None, print=None,
        handle_signals=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
