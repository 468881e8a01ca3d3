"""The desk for visitors' threads, when more is asked than it can answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from contracts.parts import Alias
from contracts.rpc import HistoryAnswer, HistoryRequest
from inbox_core.app.capabilities import Book
from inbox_core.app.history import Histories, VisitorReads
from inbox_core.entrypoints.rpc.visitors import MAX_WAITING, VisitorDesk
from support.capable import capable

TYPE = "whatsapp"
QUESTION = HistoryRequest(type=TYPE, account="a", aliases=(Alias(kind="visitor", value="v1"),))


class Stuck:
    """A database that answers nobody until it is let go, and then knows no channel."""

    def __init__(self) -> None:
        self.go = asyncio.Event()

    def read(self, _type: str, _account: str) -> AbstractAsyncContextManager[VisitorReads | None]:
        return self._read()

    @asynccontextmanager
    async def _read(self) -> AsyncIterator[VisitorReads | None]:
        await self.go.wait()
        yield None


async def test_one_too_many_is_told_at_once_to_come_again() -> None:
    stuck = Stuck()
    book = Book({TYPE: capable(window=None, profiles=False, threads=True)})
    desk = VisitorDesk(Histories(stuck, book), at_once=2)
    body = QUESTION.model_dump_json().encode()
    waiting = [asyncio.create_task(desk.answer(body)) for _ in range(MAX_WAITING)]
    await asyncio.sleep(0)
    assert HistoryAnswer.model_validate_json(await desk.answer(body)) == HistoryAnswer(busy=True)
    stuck.go.set()
    answers = [HistoryAnswer.model_validate_json(body) for body in await asyncio.gather(*waiting)]
    assert answers == [HistoryAnswer()] * MAX_WAITING
    assert not HistoryAnswer.model_validate_json(await desk.answer(body)).busy
