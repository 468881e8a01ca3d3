"""One run of the demo, from the plan to the verdict. Called by main.py and by the fault tests.

A screen connects, people write through the emulator and as visitors of a site, an agent answers
what appears on the screen;
when nothing is on its way any more, everything is counted (verdict.py says what counts as what).
Services may be killed meanwhile: the demo comes back to them as a platform and a browser would.
"""

import asyncio
import secrets
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp

from metagraph.emulator.client import EmulatorClient
from sluice_local.demo.actors import Agent, People
from sluice_local.demo.census import Census, Stored
from sluice_local.demo.comparing import Observed
from sluice_local.demo.gallery import Gallery
from sluice_local.demo.inbox import Inbox
from sluice_local.demo.items import Traffic
from sluice_local.demo.options import Options
from sluice_local.demo.quiet import Queues
from sluice_local.demo.rethinking import Rethinking
from sluice_local.demo.saying import Mailbox
from sluice_local.demo.screen import Screen
from sluice_local.demo.sightings import Witness
from sluice_local.demo.traffic import plan
from sluice_local.demo.verdict import Verdict, judge
from sluice_local.demo.visiting import Visitors
from sluice_local.stack_file import StackFile

LOOK_S = 0.25
CONNECT_S = 60.0


@dataclass(frozen=True, slots=True)
class Step:
    """How far a run is; `waits_for` says what is missing once everything was sent."""

    messages: int
    replies: int
    shown: int
    waits_for: str = ""


Report = Callable[[Step], None]


class DemoFailed(Exception):
    """The run cannot begin, or not be counted; the sentence says why."""


async def run(
    stack: StackFile, options: Options, report: Report, done: Callable[[], bool] = lambda: True
) -> Verdict:
    """Traffic, then the count. `done`: whoever kills services says that no more die.

    Raises DemoFailed, ScreenClosed, Refused when the inbox refuses what it should not, and
    aiohttp.ClientError when the emulator does not answer.
    """
    traffic = plan(options, secrets.token_hex(4))
    async with AsyncExitStack() as open_until_end:
        enter = open_until_end.enter_async_context
        session = await enter(aiohttp.ClientSession(trust_env=False))
        emulator = await enter(EmulatorClient(stack.emulator.url))
        await emulator.health()  # stack.json of a stack that was killed is still there
        inbox = Inbox(session, stack)
        census, witness = Census(inbox, datetime.now(UTC)), Witness(traffic)
        try:
            async with asyncio.timeout(CONNECT_S):
                screen = await enter(Screen(session, inbox, census, traffic, witness))
        except TimeoutError:
            raise DemoFailed(f"no live socket within {CONNECT_S:.0f} s") from None
        mailboxes = {name: Mailbox(one, stack.emulator.url) for name, one in stack.channels.items()}
        visitors = await enter(Visitors(session, stack.widget, witness, options.seed))
        demo = _Run(
            options,
            report,
            traffic,
            emulator,
            census,
            witness,
            Gallery(inbox, witness),
            screen,
            People(emulator, mailboxes, visitors, traffic),
            visitors,
            Agent(inbox, screen, traffic),
            Rethinking(traffic, emulator, mailboxes, inbox, screen, witness),
            Queues(emulator, stack.nats_url),
        )
        await demo.act()
        return await demo.settle(done)


@dataclass(frozen=True, slots=True)
class _Run:
    options: Options
    report: Report
    traffic: Traffic
    emulator: EmulatorClient
    census: Census
    witness: Witness
    gallery: Gallery
    screen: Screen
    people: People
    visitors: Visitors
    agent: Agent
    rethinking: Rethinking
    queues: Queues

    async def act(self) -> None:
        """Until everything was sent, or cannot be: what is missing then is for the count to say."""
        acting = {
            asyncio.create_task(self.people.write(self.options.over_s)),
            asyncio.create_task(self.agent.answer(self.options.over_s)),
            asyncio.create_task(self.rethinking.have()),
        }
        pending = acting
        ends = time.monotonic() + self.options.over_s + self.options.settle_s
        try:
            while pending and time.monotonic() < ends:
                self._tell()
                done, pending = await asyncio.wait(pending, timeout=LOOK_S)
                for task in done:
                    task.result()
        finally:
            for task in acting:
                task.cancel()
            await asyncio.gather(*acting, return_exceptions=True)

    async def settle(self, done: Callable[[], bool]) -> Verdict:
        """Count until everything agrees or the time, from `done` on, is up. Raises DemoFailed."""
        while not done():
            self._tell("services are being killed")
            await asyncio.sleep(LOOK_S)
        ends = time.monotonic() + self.options.settle_s
        while True:
            busy = await self.queues.busy()
            late = time.monotonic() > ends
            if busy is None or late:
                verdict = await self._count_in_time()
                if verdict.agrees or late:
                    return verdict
                busy = verdict.wrong[0] if verdict.wrong else "the figures differ"
            self._tell(busy)
            await asyncio.sleep(LOOK_S)

    async def _count_in_time(self) -> Verdict:
        """The inbox is asked until it answers, but not for ever."""
        try:
            async with asyncio.timeout(self.options.settle_s):
                return await self._count()
        except TimeoutError:
            raise DemoFailed("the inbox does not answer: nothing could be counted") from None

    async def _count(self) -> Verdict:
        stored = await self.census.all()
        await self.gallery.visit(stored.messages.values())
        copies = [self.witness.copy_of(one) for one in stored.messages.values()]
        entries = [entry async for entry in self.emulator.ledger()]
        await self.visitors.look()
        accepted = [self.witness.accepted(entry) for entry in entries]
        reacted = {self.witness.reacted(entry) for entry in entries}
        return judge(
            self.traffic,
            Observed(
                sent=self.people.sent | self.agent.sent,
                refused=self.agent.refused | self.rethinking.refused | self.visitors.refused,
                stored=[copy for copy in copies if copy is not None],
                shown=self.screen.copies,
                ledger=[
                    *(entry for entry in accepted if entry is not None),
                    *self.visitors.accepted(),
                ],
                named=self.screen.named,
                had=self._had({key for key in reacted if key is not None}),
                strangers=self._strangers(stored),
                created_twice=self.screen.client.tally.shown_twice,
                said=self.visitors.said(),
                seen=self.visitors.seen(),
            ),
        )

    def _had(self, reacted: set[str]) -> set[str]:
        """Second thoughts that were had, our emoji only when the platform has them."""
        ours = {one.about for one in self.traffic.thoughts if one.kind == "our_reaction"}
        return (self.rethinking.had - ours) | (reacted & ours)

    def _strangers(self, stored: Stored) -> list[str]:
        """Messages in this run's threads that nobody sent."""
        threads = self.screen.threads()
        return [
            f"{message['direction']} {message['id']}"
            for message in stored.messages.values()
            if message["conversation_id"] in threads and self.witness.is_stranger(message)
        ]

    def _tell(self, waits_for: str = "") -> None:
        self.screen.check()
        sent = len(self.people.sent), len(self.agent.sent)
        self.report(Step(*sent, self.screen.shown, waits_for))
