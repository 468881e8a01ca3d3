"""Who acts in the demo: people who write, an agent who answers them.

Run side by side by run.py; each keeps what it got done, for the count at the end.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

from metagraph.emulator.client import EmulatorClient
from sluice_local.demo.asking import Refused
from sluice_local.demo.inbox import Inbox
from sluice_local.demo.items import WIDGET, Inbound, Person, Reply, Traffic, Wave
from sluice_local.demo.saying import Mailbox
from sluice_local.demo.screen import Screen
from sluice_local.demo.visiting import Visitors

WAVES_AT_ONCE = 4
WAVE_WAIT_S = 10.0
"""After this the next wave comes although some of this one is still being repeated."""
LOOK_S = 0.05
DESKS = 8
"""Conversations answered at once."""


class People:
    """Writes every wave: through the emulator, and as visitors of a site.

    `sent`: keys that were taken.
    """

    def __init__(
        self,
        emulator: EmulatorClient,
        mailboxes: Mapping[str, Mailbox],
        visitors: Visitors,
        traffic: Traffic,
    ) -> None:
        self._posted: set[str] = set()
        self._visitors = visitors
        self._emulator = emulator
        self._mailboxes = mailboxes
        self._traffic = traffic
        self._under_way = asyncio.Semaphore(WAVES_AT_ONCE)

    @property
    def sent(self) -> set[str]:
        return self._posted | self._visitors.sent

    async def write(self, over_s: float) -> None:
        """All waves in order, spread over this time or, at 0, as fast as they are answered.

        Raises ControlError or aiohttp.ClientError of the first wave that could not be handed over.
        """
        try:
            await self._write(over_s)
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None

    async def _write(self, over_s: float) -> None:
        began, waves = time.monotonic(), self._traffic.waves
        async with asyncio.TaskGroup() as group:
            for place, wave in enumerate(waves):
                due = began + over_s * place / len(waves)
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                if over_s == 0:
                    await self._under_way.acquire()
                group.create_task(self._post(wave, wait=over_s == 0))

    async def _post(self, wave: Wave, *, wait: bool) -> None:
        visitors = [one for one in wave.messages if one.person.channel == WIDGET]
        others = [one for one in wave.messages if one.person.channel != WIDGET]
        await asyncio.gather(
            self._visitors.write(visitors), self._post_by_platform(others, wave.manner, wait=wait)
        )
        if wait:
            self._under_way.release()

    async def _post_by_platform(
        self, messages: Sequence[Inbound], manner: Mapping[str, Any], *, wait: bool
    ) -> None:
        if not messages:
            return
        sent = [await self._as_sent(message) for message in messages]
        await self._emulator.inbound(sent, wait=wait, wait_s=WAVE_WAIT_S, **manner)
        self._posted.update(message.key for message in messages)

    async def _as_sent(self, message: Inbound) -> dict[str, Any]:
        file, file_id = message.file, None
        if file is not None:
            kept = await self._emulator.media(file.content, file.mime_type, file.name)
            file_id = str(kept["id"])
        return self._mailboxes[message.person.channel].said(message, file_id)


class Agent:
    """Answers people as soon as they appear on the screen.

    `sent`: keys the inbox took; `refused`: those it did not, and its sentence.
    """

    def __init__(self, inbox: Inbox, screen: Screen, traffic: Traffic) -> None:
        self.sent: set[str] = set()
        self.refused: dict[str, str] = {}
        self._inbox = inbox
        self._screen = screen
        self._traffic = traffic

    async def answer(self, over_s: float) -> None:
        """Every reply: those to one person one after another, several people at once.

        Spread over this time or, at 0, as soon as the people are there.
        """
        desks = asyncio.Semaphore(DESKS)
        people = self._traffic.replies
        async with asyncio.TaskGroup() as group:
            for place, (person, replies) in enumerate(people.items()):
                due_s = over_s * place / len(people)
                group.create_task(self._serve(person, replies, due_s, desks))

    async def _serve(
        self, person: Person, replies: Sequence[Reply], due_s: float, desks: asyncio.Semaphore
    ) -> None:
        await asyncio.sleep(due_s)
        thread = self._thread_for(person, replies)
        while thread is None:
            await asyncio.sleep(LOOK_S)
            thread = self._thread_for(person, replies)
        async with desks:
            for reply in replies:
                try:
                    await self._write(thread, reply)
                except Refused as refused:
                    self.refused[reply.key] = str(refused)
                else:
                    self.sent.add(reply.key)

    def _thread_for(self, person: Person, replies: Sequence[Reply]) -> str | None:
        """The conversation, once it shows the person and all that the replies quote."""
        quoted = [reply.quotes for reply in replies if reply.quotes is not None]
        shown = all(self._screen.message(key) is not None for key in quoted)
        return self._screen.thread_of(person) if shown else None

    async def _write(self, thread: str, reply: Reply) -> None:
        quoted = self._screen.message(reply.quotes) if reply.quotes else None
        more = {"reply_to": quoted["id"]} if quoted else {}
        await self._inbox.reply(thread, await self._content(reply), reply.client_msg_id, **more)

    async def _content(self, reply: Reply) -> str | list[dict[str, Any]]:
        if reply.file is not None:
            file = reply.file
            kept = await self._inbox.upload(file.content, file.mime_type, file.name)
            return [{"type": "file", "file_id": kept["id"], "caption": reply.text}]
        if reply.kind == "buttons":
            buttons = [{"id": "yes", "title": "Yes, please"}, {"id": "no", "title": "No"}]
            return [{"type": "buttons", "text": reply.text, "buttons": buttons}]
        return reply.text
