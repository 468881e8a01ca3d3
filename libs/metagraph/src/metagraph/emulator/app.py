"""The emulator put together: its parts, its one listener, its life.

`Emulator` runs inside a test's process as well as behind `metagraph-emulator serve`.
"""

from types import TracebackType
from typing import Self

from aiohttp import web
from yarl import URL

from metagraph.emulator.accounts import Accounts
from metagraph.emulator.control import Control, guard
from metagraph.emulator.graph_files import GraphFiles
from metagraph.emulator.graph_messages import GraphMessages
from metagraph.emulator.graph_nodes import GraphNodes
from metagraph.emulator.inbound import Inbound
from metagraph.emulator.ledger import Ledger
from metagraph.emulator.media import Files, Links
from metagraph.emulator.page_reports import PageReports
from metagraph.emulator.people import People
from metagraph.emulator.said import Shelf
from metagraph.emulator.script import Script
from metagraph.emulator.settings import EmulatorSettings
from metagraph.emulator.statuses import Statuses
from metagraph.emulator.webhooks import Webhooks
from metagraph.emulator.world import World

MAX_REQUEST = 140 * 1024 * 1024
"""The largest file, in base64."""
STOP_S = 0.25
"""For calls under way when it stops; those told to hang would never end."""


class Emulator:
    """A fake of Meta on a local port: `async with Emulator(settings) as emulator`."""

    def __init__(self, settings: EmulatorSettings) -> None:
        self._settings = settings
        self.ledger = Ledger(settings.emulator_max_ledger)
        self.script = Script()
        self.files = Files()
        self.people = People()
        self.accounts = Accounts(settings.emulator_accounts)
        self.webhooks = Webhooks(settings)
        self.statuses = Statuses(settings.emulator_statuses, self.webhooks)
        self.page_reports = PageReports(
            settings.emulator_echoes, self.statuses, self.webhooks, self.files
        )
        self.links = Links(settings.emulator_link_ttl_s)
        self.inbound = Inbound(self.webhooks, self.people, self._shelf())
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Open the webhook connections, then listen. Raises OSError when the port is taken."""
        await self.webhooks.start()
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=STOP_S)
        await self._runner.setup()
        host, port = self._settings.emulator_host, self._settings.emulator_port
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop listening, then sending; what still waits is forgotten."""
        if self._runner is not None:
            await self._runner.cleanup()
        self.inbound.stop()
        await self.webhooks.stop()

    @property
    def url(self) -> str:
        """The origin it listens on, to be used as Graph's."""
        if self._runner is None or not self._runner.addresses:
            raise RuntimeError("not started")
        return f"http://{self._settings.emulator_host}:{self._runner.addresses[0][1]}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[guard], client_max_size=MAX_REQUEST)
        world = World(
            ledger=self.ledger,
            script=self.script,
            files=self.files,
            links=self.links,
            people=self.people,
            accounts=self.accounts,
            webhooks=self.webhooks,
            statuses=self.statuses,
            page_reports=self.page_reports,
            inbound=self.inbound,
        )
        for side in (Control(world), GraphMessages(world), GraphFiles(world), GraphNodes(world)):
            app.add_routes(side.routes())
        return app

    def _shelf(self) -> Shelf:
        """Where the files of webhooks lie, once it listens."""
        return Shelf(
            file=self.files.get,
            link=lambda number: self.links.url(URL(self.url), number),
            cdn=lambda number: URL(self.url) / "_cdn" / number,
        )
