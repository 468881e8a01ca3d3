"""Where a platform's file lies now: the port, and Meta's two ways to say it. Used by handler.py.

WhatsApp names files by id and gives links of five minutes for it; a webhook may bring one along.
Messenger and Instagram put the signed link itself into the webhook, and there is no other.
"""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Protocol
from urllib.parse import unquote, urlsplit

from typing_extensions import override

from adapter.channels import Credential
from contracts.parts import Media
from metagraph.budget import ErrorBudget
from metagraph.errors import NotSent, Unreachable
from metagraph.media import MediaLink

HINT_FOR = timedelta(minutes=4)
"""How long the webhook's own link is tried: it is good for five from the webhook's making."""
FRESH_LINKS = 2
"""Asked for at most: a link that fails right after it was given is asked for once more."""
ASKED_AT_ONCE = 4
"""Fewer than the budget's reserve: that many errors may come after the last look at it."""


@dataclass(frozen=True, slots=True)
class Link:
    """An address of a file, and what its platform says of it there. `size` in bytes.

    `takes_token`: the bearer goes along, if the origin is one that may have it. `hint`: it came
    with the message; whatever is wrong with it, another one may be right.
    """

    url: str
    takes_token: bool
    hint: bool = False
    filename: str | None = None
    mime_type: str | None = None
    sha256: str | None = None
    size: int | None = None


class MustWait(Exception):
    """No link may be asked for now; `delay_s` seconds from now perhaps."""

    def __init__(self, delay_s: float) -> None:
        super().__init__("the budget of errors is spent")
        self.delay_s = delay_s


class Links(Protocol):
    """A platform's links to a file, the likeliest first."""

    def of(self, media: Media, credential: Credential, age: timedelta) -> AsyncGenerator[Link]:
        """Each next one is wanted only when those before led nowhere.

        `age` of the command. The iterator raises NotSent and MustWait. It ends when there is no
        other link.
        """
        ...


class MediaGraph(Protocol):
    """What is needed of metagraph's client."""

    async def get_media(
        self, media_id: str, token: str, *, phone_number_id: str | None = None
    ) -> MediaLink: ...


class WhatsAppLinks(Links):
    """By id, within the budget of errors of each number. `account` is the phone number's id."""

    def __init__(self, graph: MediaGraph, budget: ErrorBudget) -> None:
        self._graph = graph
        self._budget = budget
        self._free = asyncio.Semaphore(ASKED_AT_ONCE)

    @override
    async def of(
        self, media: Media, credential: Credential, age: timedelta
    ) -> AsyncGenerator[Link]:
        if media.url and age < HINT_FOR:
            yield Link(media.url, takes_token=True, hint=True)
        for _ in range(FRESH_LINKS):
            async with self._free:
                link = await self._fresh(media, credential)
            yield link

    async def _fresh(self, media: Media, credential: Credential) -> Link:
        account = credential.account
        wait_s = self._budget.allows(account)
        if wait_s:
            raise MustWait(wait_s)
        try:
            found = await self._graph.get_media(
                media.ref, credential.token, phone_number_id=account
            )
        except Unreachable:
            raise  # Meta did not see it, and does not count it
        except NotSent:
            self._budget.spend(account)
            raise
        return Link(
            found.url,
            takes_token=True,
            mime_type=found.mime_type,
            sha256=found.sha256,
            size=found.file_size,
        )


class CdnLinks(Links):
    """The reference is the link, signed: it needs no bearer and gets none."""

    @override
    async def of(
        self, media: Media, credential: Credential, age: timedelta
    ) -> AsyncGenerator[Link]:
        yield Link(media.ref, takes_token=False, filename=_last_name(media.ref))


def _last_name(url: str) -> str | None:
    """Of `https://cdn.example/v/1/Offer%20May.pdf?oh=…` the file's name, where it has one."""
    try:
        name = unquote(PurePosixPath(urlsplit(url).path).name)
    except ValueError:
        return None
    return name if "." in name else None
