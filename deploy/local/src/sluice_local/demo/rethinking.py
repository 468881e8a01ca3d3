"""Has the second thoughts of a run: edits, unsends, emoji of people and of the agent.

Run by run.py beside the actors. Each waits until what it is about is on the screen, so that an
unsend takes back something people have seen; a platform would tell of them in any order.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

from metagraph.emulator.client import EmulatorClient
from sluice_local.demo.asking import Refused
from sluice_local.demo.inbox import Inbox
from sluice_local.demo.items import Inbound, Traffic
from sluice_local.demo.saying import Mailbox
from sluice_local.demo.screen import Screen
from sluice_local.demo.sightings import Accepted, View, Witness
from sluice_local.demo.thoughts import Thought

LOOK_S = 0.25
TWICE = {"duplicates": 0.5, "shuffle": True, "wait": True, "wait_s": 10.0}
"""How people's second thoughts are posted."""


class Till:
    """The platform's ledger as it grows, read once for everybody who waits for an entry."""

    def __init__(self, emulator: EmulatorClient, witness: Witness) -> None:
        self._emulator = emulator
        self._witness = witness
        self._last = 0
        self._entries: dict[int, dict[str, Any]] = {}

    async def accepted(self) -> AsyncIterator[Accepted]:
        """The parts of replies so far."""
        async for entry in self._emulator.ledger(self._last):
            self._last = entry["number"]
            self._entries[self._last] = entry
        for entry in list(self._entries.values()):
            found = self._witness.accepted(entry)
            if found is not None:
                yield found


class Rethinking:
    """`had`: what the thoughts were about that were had; `refused`: the inbox's sentence."""

    def __init__(
        self,
        traffic: Traffic,
        emulator: EmulatorClient,
        mailboxes: Mapping[str, Mailbox],
        inbox: Inbox,
        screen: Screen,
        witness: Witness,
    ) -> None:
        self.had: set[str] = set()
        self.refused: dict[str, str] = {}
        self._thoughts = traffic.thoughts
        self._items = traffic.items()
        self._emulator = emulator
        self._mailboxes = mailboxes
        self._inbox = inbox
        self._screen = screen
        self._till = Till(emulator, witness)

    async def have(self) -> None:
        """All of them, each as soon as it can be. Raises ControlError or aiohttp.ClientError."""
        left = list(self._thoughts)
        while left:
            ids = {one.key: one.id async for one in self._till.accepted()}
            ready = [one for one in left if self._ready(one, ids)]
            for thought in ready:
                await self._have(thought, ids)
            left = [one for one in left if one not in ready]
            await asyncio.sleep(LOOK_S)

    def _ready(self, thought: Thought, ids: Mapping[str, str]) -> bool:
        if self._screen.message(thought.about) is None:
            return False
        return thought.kind != "reaction" or thought.about in ids

    async def _have(self, thought: Thought, ids: Mapping[str, str]) -> None:
        shown, item = self._screen.message(thought.about), self._items[thought.about]
        if shown is None:
            return
        if thought.kind == "our_reaction":
            await self._react(thought, shown)
            return
        number = item.id if isinstance(item, Inbound) else ids[thought.about]
        who = self._mailboxes[item.person.channel].of(item.person)
        await self._emulator.inbound([{**who, **_said(thought, number)}], **TWICE)
        self.had.add(thought.about)

    async def _react(self, thought: Thought, shown: View) -> None:
        try:
            await self._inbox.react(shown["conversation_id"], shown["id"], thought.words)
        except Refused as refused:
            self.refused[thought.about] = str(refused)
        else:
            self.had.add(thought.about)


def _said(thought: Thought, number: str) -> dict[str, Any]:
    match thought.kind:
        case "edit":
            return {"edit": {"message_id": number, "text": thought.words}}
        case "unsend":
            return {"unsend": number}
        case _:
            return {"reaction": {"message_id": number, "emoji": thought.words}}
