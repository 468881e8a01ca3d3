"""Which links are tried, in which order, and what asking for one may cost."""

from contextlib import aclosing
from datetime import timedelta
from uuid import UUID

import pytest
from typing_extensions import override

from adapter.channels import Credential
from adapter.media.links import (
    FRESH_LINKS,
    CdnLinks,
    Link,
    Links,
    MediaGraph,
    MustWait,
    WhatsAppLinks,
)
from contracts.parts import Media
from metagraph.budget import ErrorBudget
from metagraph.errors import NotSent, Unreachable
from metagraph.media import MediaLink
from metagraph.taxonomy import RULES
from support.clock import Clock

NOBODY = UUID(int=0)
HINT = "https://lookaside.fbsbx.com/hint"


class Graph(MediaGraph):
    """Gives numbered links, or raises what it was told to."""

    def __init__(self, *errors: NotSent) -> None:
        self.errors = list(errors)
        self.asked: list[tuple[str, str, str | None]] = []

    @override
    async def get_media(
        self, media_id: str, token: str, *, phone_number_id: str | None = None
    ) -> MediaLink:
        self.asked.append((media_id, token, phone_number_id))
        if self.errors:
            raise self.errors.pop(0)
        return MediaLink(f"https://lookaside.fbsbx.com/{len(self.asked)}", "image/png", "aa", 7)


def credential(account: str = "1001") -> Credential:
    return Credential("token", 1, NOBODY, NOBODY, account)


def refused() -> NotSent:
    return NotSent(RULES["media"], "media", "100")


async def links_of(
    links: Links, media: Media, age: timedelta = timedelta(), account: str = "1001"
) -> list[Link]:
    async with aclosing(links.of(media, credential(account), age)) as found:
        return [link async for link in found]


@pytest.mark.parametrize(
    ("url", "minutes", "hinted"),
    [(None, 0, False), (HINT, 0, True), (HINT, 3.9, True), (HINT, 4, False), (HINT, 600, False)],
)
async def test_a_hint_is_tried_first_while_it_is_young(
    url: str | None,
    minutes: float,
    hinted: bool,  # noqa: FBT001 - a column of the table
) -> None:
    graph = Graph()
    media = Media(ref="77", url=url)
    found = await links_of(WhatsAppLinks(graph, ErrorBudget()), media, timedelta(minutes=minutes))
    assert [link.hint for link in found] == [True] * hinted + [False] * FRESH_LINKS
    assert all(link.takes_token for link in found)
    assert graph.asked == [("77", "token", "1001")] * FRESH_LINKS
    assert (found[-1].mime_type, found[-1].sha256, found[-1].size) == ("image/png", "aa", 7)


async def test_nobody_is_asked_while_the_hint_serves() -> None:
    graph = Graph()
    media = Media(ref="77", url=HINT)
    links = WhatsAppLinks(graph, ErrorBudget())
    async with aclosing(links.of(media, credential(), timedelta())) as found:
        assert (await anext(found)).url == HINT
    assert graph.asked == []


async def test_errors_spend_the_budget_of_their_account_alone() -> None:
    clock = Clock()
    graph = Graph(refused(), refused())
    links = WhatsAppLinks(graph, ErrorBudget(limit=3, reserve=1, window_s=60, clock=clock))
    for _ in range(2):
        with pytest.raises(NotSent):
            await links_of(links, Media(ref="77"))
    with pytest.raises(MustWait) as wait:
        await links_of(links, Media(ref="77"))
    assert wait.value.delay_s == 60
    assert len(graph.asked) == 2
    assert len(await links_of(links, Media(ref="77"), account="1002")) == FRESH_LINKS
    clock.forward(60)
    assert len(await links_of(links, Media(ref="77"))) == FRESH_LINKS


async def test_what_meta_did_not_see_spends_nothing() -> None:
    links = WhatsAppLinks(
        Graph(Unreachable("refused"), Unreachable("refused")), ErrorBudget(limit=2, reserve=1)
    )
    for _ in range(2):
        with pytest.raises(Unreachable):
            await links_of(links, Media(ref="77"))
    assert len(await links_of(links, Media(ref="77"))) == FRESH_LINKS


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://cdn.fbsbx.com/v/t59/Offer%20May.pdf?oh=1", "Offer May.pdf"),
        ("https://scontent.xx.fbcdn.net/v/1_n.jpg", "1_n.jpg"),
        ("https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1", None),
        ("https://[broken/x.pdf", None),
        ("", None),
    ],
)
async def test_a_page_has_one_link_without_bearer_and_perhaps_a_name(
    url: str, name: str | None
) -> None:
    media = Media(ref=url or "x")
    [link] = await links_of(CdnLinks(), media)
    assert (link.url, link.takes_token, link.filename) == (media.ref, False, name)
