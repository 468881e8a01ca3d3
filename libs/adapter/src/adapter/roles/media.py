"""The role `media`: copies what people sent into the filestore, and looks people up."""

from collections.abc import Callable, Mapping

from adapter.channels import Credential
from adapter.media import handler
from adapter.media.avatars import Avatars
from adapter.media.copying import Copier
from adapter.media.handler import MediaHandler
from adapter.media.limits import Limits
from adapter.media.links import Links
from adapter.profiles import AT_ONCE, Lookup, ProfileGraph, ProfileHandler
from adapter.roles.ground import Accounts, Ground, now
from adapter.settings import AdapterSettings
from chassis.lifecycle import Lifecycle
from contracts.commands import MediaCommand, ProfileCommand
from metagraph.download import Downloader
from metagraph.origins import TAKES_TOKEN


async def downloader(life: Lifecycle, settings: AdapterSettings) -> Downloader:
    """Fetches from the allowed origins; those a credential may travel to may have the bearer."""

    async def opened() -> Downloader:
        return Downloader(
            allowed=settings.media_allowed_origins,
            takes_token=(*TAKES_TOKEN, *settings.graph_allowed_origins),
        )

    return await life.start("downloads", opened, lambda downloads: downloads.close())


async def media(
    life: Lifecycle,
    base: Ground,
    accounts: Accounts,
    downloads: Downloader,
    links: Mapping[str, Links],
    limits: Limits,
) -> None:
    """Copy files of these channel types, each by its own links. Raises StartFailed."""
    copier = Copier(downloads, accounts.files, limits)
    for channel, theirs in links.items():
        files = MediaHandler(theirs, copier, accounts.channels, base.tell, now)
        await base.consume(life, channel, "media", MediaCommand, files.handle, handler.AT_ONCE)


async def profiles(
    life: Lifecycle,
    base: Ground,
    accounts: Accounts,
    downloads: Downloader,
    lookups: Mapping[str, Lookup],
    graph_of: Callable[[Credential], ProfileGraph],
) -> None:
    """Look people of these channel types up; `graph_of` picks the client for a credential."""
    avatars = Avatars(downloads, accounts.files)
    people = ProfileHandler(lookups, graph_of, avatars, accounts.channels, base.tell, now)
    for channel in lookups:
        await base.consume(life, channel, "profile", ProfileCommand, people.handle, AT_ONCE)
