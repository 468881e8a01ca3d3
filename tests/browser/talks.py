"""A talk made of a seed: what a visitor and the team say, and what goes wrong meanwhile.

    talk = script(7)                       # the same steps for the same seed, for ever
    outcome = await hold(talk, visitor, world, faults)

Steps are of KINDS; each may say words on both sides at the same time. A word is a text, or the name
of a file, that nobody else says. outcome.py judges what came of it.
"""

import asyncio
import random
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from typing_extensions import override

from support.faults import Faults
from support.outside import Outside
from support.tab import Tab
from support.visitor import Visitor

KINDS: Mapping[str, int] = {
    "talk": 8,
    "upload": 2,
    "reload": 3,
    "tab": 2,
    "close": 1,
    "offline": 3,
    "sockets": 1,
    "gateway": 2,
    "nats": 1,
}
"""kind of step → how often it comes up, beside the others."""
LEAST, MOST = 12, 20
OFFLINE_S = (1.0, 5.0)
TABS = 3
GATEWAY, NATS = "widget-gateway", "nats"


@dataclass(frozen=True)
class Step:
    """`says` words of the visitor, `answers` of the team, at once; `seconds` of being offline."""

    kind: str
    says: int = 0
    answers: int = 0
    seconds: float = 0.0

    @override
    def __str__(self) -> str:
        more = f" {self.seconds:.1f} s" if self.seconds else ""
        return f"{self.kind}{more} (+{self.says} -{self.answers})"


def script(seed: int, *, offline_s: tuple[float, float] = OFFLINE_S) -> list[Step]:
    """The steps of a seed. The first is a word of the visitor: it opens the conversation."""
    chance = random.Random(seed)
    kinds = chance.choices(
        list(KINDS), weights=list(KINDS.values()), k=chance.randint(LEAST, MOST) - 1
    )
    steps = [Step("talk", says=1)]
    for kind in kinds:
        says, answers = chance.choice([(1, 0), (0, 1), (1, 1), (2, 1), (1, 2), (3, 0), (0, 2)])
        seconds = round(chance.uniform(*offline_s), 1) if kind == "offline" else 0.0
        steps.append(Step(kind, says, answers, seconds))
    return steps


@dataclass(eq=False)
class Talk:
    """While it is held. `said`, `answered`: every word, in the order it was spoken."""

    seed: int
    visitor: Visitor
    world: Outside
    faults: Faults
    run: str = field(default_factory=lambda: secrets.token_hex(3))
    said: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    done: list[Step] = field(default_factory=list)
    conversation: str | None = None
    _tab: Tab | None = None

    @property
    def tab(self) -> Tab:
        """The one the visitor looks at."""
        assert self._tab is not None
        return self._tab

    async def hold(self, steps: list[Step]) -> None:
        """All of them, one after another."""
        self._tab = await self.visitor.tab()
        for step in steps:
            self.done.append(step)
            await STEPS[step.kind](self, step)
            await self.found()  # before the network goes: nobody answers who was not heard

    async def talk(self, step: Step) -> None:
        """Both sides at once."""
        async with asyncio.TaskGroup() as both:
            both.create_task(self._says(step.says))
            both.create_task(self._answers(step.answers))

    async def upload(self, step: Step) -> None:
        """A small file, then words; what is said after it comes after it."""
        name = f"{self._word('v', len(self.said) + 1)}.txt"
        self.said.append(name)
        await self.tab.attach(name, "text/plain", f"{name}\n".encode() * 500)
        await self.tab.holds(name)
        await self.talk(step)

    async def reload(self, step: Step) -> None:
        """In the middle of the talk: the page goes while words are on their way."""
        await self._says(step.says)
        async with asyncio.TaskGroup() as both:
            both.create_task(self._answers(step.answers))
            both.create_task(self.visitor.reload(self.tab))
        await self.tab.open()

    async def another_tab(self, step: Step) -> None:
        """Talk on in a new one, or in one there is."""
        if len(self.visitor.open_tabs) < TABS:
            self._tab = await self.visitor.tab()
        else:
            self._tab = next(one for one in self.visitor.open_tabs if one is not self.tab)
            await self.tab.page.bring_to_front()
        await self.talk(step)

    async def close_tab(self, step: Step) -> None:
        """The one it was said in is closed at once: another sends it, or the next one opened."""
        await self._says(step.says)
        gone = self.tab
        if len(self.visitor.open_tabs) == 1:
            self._tab = await self.visitor.tab()
        else:
            self._tab = next(one for one in self.visitor.open_tabs if one is not gone)
            await self.tab.page.bring_to_front()
        await gone.page.close()
        await self.tab.open()
        await self._answers(step.answers)

    async def offline(self, step: Step) -> None:
        """Words are written, and come in, while there is no network."""
        await self.visitor.goes_offline()
        async with asyncio.TaskGroup() as both:
            both.create_task(self.talk(step))
            both.create_task(asyncio.sleep(step.seconds))
        await self.visitor.comes_back()

    async def no_sockets(self, step: Step) -> None:
        """A proxy between lets no sockets through for a while."""
        self.visitor.wire.refuse_sockets()
        await self.talk(step)
        self.visitor.wire.mend()

    async def gateway(self, step: Step) -> None:
        await self._while_it_dies(GATEWAY, step)

    async def nats(self, step: Step) -> None:
        await self._while_it_dies(NATS, step)

    async def _while_it_dies(self, name: str, step: Step) -> None:
        async with asyncio.TaskGroup() as both:
            both.create_task(self.faults.strike(name))
            both.create_task(self.talk(step))

    async def _says(self, count: int) -> None:
        for _ in range(count):
            word = self._word("v", len(self.said) + 1)
            self.said.append(word)
            await self.tab.say(word)

    async def _answers(self, count: int) -> None:
        for _ in range(count):
            conversation = await self.found()
            word = self._word("t", len(self.answered) + 1)
            self.answered.append(word)
            await self.world.inbox.reply(conversation, word, secrets.token_hex(8))

    async def found(self) -> str:
        """The conversation, once the team's screen shows its first word."""
        if self.conversation is None:
            shown = await self.world.appears(self.said[0])
            self.conversation = str(shown["conversation_id"])
        return self.conversation

    def _word(self, side: str, number: int) -> str:
        return f"{self.run}-{self.seed}-{side}{number:02}"

    def told(self) -> str:
        """For a failure: how to have it again, and how far it came."""
        steps = "\n".join(f"  {number}. {step}" for number, step in enumerate(self.done, 1))
        return f"seed {self.seed} ({self.run}), after these steps:\n{steps}"


STEPS: Mapping[str, Callable[[Talk, Step], Awaitable[None]]] = {
    "talk": Talk.talk,
    "upload": Talk.upload,
    "reload": Talk.reload,
    "tab": Talk.another_tab,
    "close": Talk.close_tab,
    "offline": Talk.offline,
    "sockets": Talk.no_sockets,
    "gateway": Talk.gateway,
    "nats": Talk.nats,
}
