"""`ingest-meta`: Messenger and Instagram put together. Only what the process' roles need is built.

receive   Meta's webhooks → normalize → INBOUND          listens on http_port
deliver   OUTBOUND → Graph → results on INBOUND          follows the bucket `channels`
media     files and profiles at Meta → the filestore     follows the bucket `channels`

Parts start top to bottom and stop in reverse: the doors close, what is in hand is finished, the
queue is flushed, the bus closes last.
"""

from typing import NamedTuple

from adapter import profiles as people
from adapter.channels import Credential
from adapter.media import limits
from adapter.media.links import CdnLinks
from adapter.roles.deliver import Line, deliver
from adapter.roles.ground import Ground, accounts, ground
from adapter.roles.media import downloader, media, profiles
from adapter.roles.receive import receive
from adapter.settings import DELIVER, MEDIA, RECEIVE
from chassis import logs, process
from chassis.lifecycle import Lifecycle
from chassis.settings import load
from ingest_meta.channels import META
from ingest_meta.channels.instagram import capabilities as instagram
from ingest_meta.channels.instagram.connect import InstagramConnect
from ingest_meta.channels.instagram.deliver import InstagramCaller, by_instagram
from ingest_meta.channels.messenger import capabilities as messenger
from ingest_meta.channels.messenger.connect import MessengerConnect
from ingest_meta.channels.messenger.deliver import MessengerCaller
from ingest_meta.settings import Settings
from metagraph.graph import GraphClient, open_session

SERVICE = "ingest-meta"
PATH = "/webhooks/meta"
LOOKUPS = {"messenger": people.MESSENGER, "instagram": people.INSTAGRAM}


class Clients(NamedTuple):
    """One for each of Graph's origins."""

    graph: GraphClient
    instagram: GraphClient

    def of(self, credential: Credential) -> GraphClient:
        """The one a credential is good at."""
        return self.instagram if by_instagram(credential) else self.graph


def main() -> None:
    """The console script. Exit status as chassis.process.run; 2 for wrong settings."""
    settings = load(Settings)
    logs.configure(SERVICE, settings.log_level)
    process.run(SERVICE, settings, lambda life: build(life, settings))


async def build(life: Lifecycle, settings: Settings) -> None:
    """Start the parts of the roles. Raises StartFailed, also when the streams have drifted."""
    base = await ground(life, settings, SERVICE)
    if settings.has_role(DELIVER) or settings.has_role(MEDIA):
        await _speak(life, settings, base)
    if settings.has_role(RECEIVE):
        await receive(life, settings, base, META, PATH)


async def _speak(life: Lifecycle, settings: Settings, base: Ground) -> None:
    """The roles that call Graph with the accounts' credentials."""
    known = await accounts(life, settings, base, LOOKUPS)
    session = await life.enter("graph", open_session())
    allowed = settings.graph_allowed_origins
    clients = Clients(
        GraphClient(session, origin=settings.graph_origin, allowed=allowed),
        GraphClient(session, origin=settings.instagram_graph_origin, allowed=allowed),
    )
    if settings.has_role(DELIVER):
        await deliver(life, settings, base, known, _lines(settings, clients))
    if settings.has_role(MEDIA):
        downloads = await downloader(life, settings)
        links = dict.fromkeys(LOOKUPS, CdnLinks())
        await media(life, base, known, downloads, links, limits.META)
        await profiles(life, base, known, downloads, LOOKUPS, clients.of)


def _lines(settings: Settings, clients: Clients) -> list[Line]:
    secret = settings.meta_app_access_token
    app_token = secret.get_secret_value() if secret else None
    return [
        Line(
            messenger.CAPABILITIES,
            MessengerCaller(clients.graph),
            MessengerConnect(clients.graph, app_token),
        ),
        Line(
            instagram.CAPABILITIES,
            InstagramCaller(*clients),
            InstagramConnect(*clients, app_token),
        ),
    ]
