"""`ingest-whatsapp`: the service put together. Only what the process' roles need is built.

receive   Meta's webhooks → normalize → INBOUND          listens on http_port
deliver   OUTBOUND → Graph → results on INBOUND          follows the bucket `channels`
media     files at Meta → the filestore                  follows the bucket `channels`

Parts start top to bottom and stop in reverse: the doors close, what is in hand is finished, the
queue is flushed, the bus closes last.
"""

from adapter.media import limits
from adapter.media.links import WhatsAppLinks
from adapter.roles.deliver import Line, deliver
from adapter.roles.ground import Ground, accounts, ground
from adapter.roles.media import downloader, media
from adapter.roles.receive import receive
from adapter.settings import DELIVER, MEDIA, RECEIVE
from chassis import logs, process
from chassis.lifecycle import Lifecycle
from chassis.settings import load
from ingest_whatsapp.capabilities import CAPABILITIES
from ingest_whatsapp.connect import WhatsAppConnect
from ingest_whatsapp.deliver import WhatsAppCaller
from ingest_whatsapp.normalize import WHATSAPP
from ingest_whatsapp.payloads import CHANNEL
from ingest_whatsapp.settings import Settings
from metagraph.budget import ErrorBudget
from metagraph.graph import GraphClient, open_session

SERVICE = "ingest-whatsapp"
PATH = "/webhooks/whatsapp"


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
        await receive(life, settings, base, WHATSAPP, PATH)


async def _speak(life: Lifecycle, settings: Settings, base: Ground) -> None:
    """The roles that call Graph with the accounts' credentials."""
    known = await accounts(life, settings, base, {CHANNEL})
    session = await life.enter("graph", open_session())
    graph = GraphClient(
        session, origin=settings.graph_origin, allowed=settings.graph_allowed_origins
    )
    if settings.has_role(DELIVER):
        token = settings.meta_app_access_token
        connect = WhatsAppConnect(graph, token.get_secret_value() if token else None)
        line = Line(CAPABILITIES, WhatsAppCaller(graph), connect)
        await deliver(life, settings, base, known, [line])
    if settings.has_role(MEDIA):
        links = {CHANNEL: WhatsAppLinks(graph, ErrorBudget())}
        downloads = await downloader(life, settings)
        await media(life, base, known, downloads, links, limits.WHATSAPP)
