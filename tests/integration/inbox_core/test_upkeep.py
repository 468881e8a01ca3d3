"""The worker's upkeep: what is due is done, outages are waited out, a bug is not hidden."""

import asyncio
from datetime import datetime, timedelta

import pytest
from prometheus_client import REGISTRY

from inbox_core.app.health_book import HealthBook
from inbox_core.entrypoints.consumer.upkeep import Upkeep, forever
from support.events import message, result
from support.inbox import Inbox
from support.stories import echo, fetched, picture, said, unsend


class Shelf:
    def __init__(self) -> None:
        self.deleted: list[str] = []

    async def delete(self, key: str) -> None:
        self.deleted.append(key)


async def test_a_sweep_releases_echoes_and_a_purge_deletes_files(inbox: Inbox) -> None:
    shelf = Shelf()
    upkeep = Upkeep(inbox.worker, shelf, HealthBook())
    await inbox.receive(message("in.1", "49151"))
    [row] = await inbox.conversations()
    sent = await inbox.reply(row["id"], "answer")
    await inbox.receive(echo("other.1", "49151"))
    await inbox.receive(result(sent.id, "sent", "out.1"))
    await upkeep.sweep(inbox.now)
    assert len(await inbox.messages()) == 3
    await inbox.receive(said("in.2", "49151", picture()))
    command = (await inbox.commands())[-1]
    await inbox.receive(fetched(command, "{workspace}/media/one"), unsend("in.2", inbox.now))
    await upkeep.purge(inbox.now)
    assert shelf.deleted == [f"{inbox.workspace_id}/media/one"]


async def test_the_gauge_shows_who_is_silent(inbox: Inbox) -> None:
    book = HealthBook()
    upkeep = Upkeep(inbox.worker, Shelf(), book)
    noon = inbox.now.replace(hour=12, minute=0, second=0, microsecond=0)
    for hour in range(6):
        at = noon - timedelta(hours=hour, minutes=1)
        book.note({(inbox.workspace_id, inbox.channel_id): 60}, {}, at)
        await upkeep.write_book(at)
    await upkeep.listen(noon + timedelta(minutes=30))
    assert REGISTRY.get_sample_value("sluice_channels_silent") == 1


async def test_an_outage_is_waited_out_and_a_bug_shows() -> None:
    calls: list[datetime] = []

    async def work(now: datetime) -> None:
        calls.append(now)
        raise OSError("away") if len(calls) < 3 else ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        async with asyncio.timeout(10):
            await forever("test", 0, work, lambda error: isinstance(error, OSError))
    assert len(calls) == 3
