"""The traffic of a run, planned whole before the first message: who writes what, how it is posted.

Pure, and the same for the same options. Called by run.py. Every text ends in a mark, `[run-item]`,
by which it is recognized in the inbox, on the screen and in the emulator's ledger; `run` is new
for every run, so that the demo can be repeated on one stack.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from random import Random
from typing import Any

from metagraph.emulator.ids import inbound_wamid
from sluice_local.demo.options import Options

PHONE_PREFIX = "1555"
"""Of numbers that belong to nobody; six digits follow."""

QUESTIONS = (
    "Hi! Where is my order?",
    "Good morning, do you ship to Lisbon?",
    "Is the blue one back in stock?",
    "¿Puedo cambiar la talla?",
    "Ich möchte meine Adresse ändern.",
    "My parcel arrived, but the box was open 😕",
    "Thanks, that worked!",
    "Can I pay on delivery?",
    "مرحبا، هل المتجر مفتوح اليوم؟",
    "Please cancel the second item.",
    "How long does the warranty last?",
    "One more thing: the invoice has the wrong name.",
)
ANSWERS = (
    "Hello! I am looking into it.",
    "It left our warehouse this morning.",
    "You can change it until tonight.",
    "I have sent you a new invoice.",
    "Yes, we are open until six.",
    "Thank you for your patience 🙏",
)
NAMES = ("Ana", "Ben", "Chiara", "Daan", "Elif", "Femi", "Grace", "Hiro", "Inés", "Jonas")

RUNS_OF_REPLIES = (1, 1, 1, 5, 1, 2)
"""How many replies one conversation gets before the next has its turn."""

WAVE = (20, 120)
BATCH = (2, 40)
DUPLICATES = 0.15
LATE = 0.05
LATE_S = (0.3, 2.0)
CONCURRENCY = (8, 48)

_MARK = re.compile(r"\[([0-9a-f]{8})-([ir]\d+)\]$")


@dataclass(frozen=True, slots=True)
class Person:
    """Who writes, and whom replies go to. `phone` is digits, as WhatsApp has it."""

    phone: str
    name: str


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message of a person. `key` is its mark's item; `wamid` the id the platform gives it."""

    key: str
    person: Person
    text: str
    wamid: str


@dataclass(frozen=True, slots=True)
class Wave:
    """Messages handed to the emulator at once; `manner` is how it posts them."""

    messages: tuple[Inbound, ...]
    manner: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to a person; `key` is its mark's item, `client_msg_id` makes a repeat harmless."""

    key: str
    person: Person
    text: str
    client_msg_id: str


@dataclass(frozen=True, slots=True)
class Traffic:
    """All of a run. `replies` of one person go out in this order, those of several at once."""

    run: str
    waves: tuple[Wave, ...]
    replies: dict[Person, list[Reply]]

    def inbound(self) -> Iterator[Inbound]:
        """Every distinct message, in the order of sending."""
        return (message for wave in self.waves for message in wave.messages)

    def all_replies(self) -> Iterator[Reply]:
        return (reply for replies in self.replies.values() for reply in replies)

    def key_of(self, text: str | None) -> str | None:
        """Which item of this run a text is; None: of none."""
        mark = _MARK.search(text or "")
        return mark[2] if mark and mark[1] == self.run else None


def plan(options: Options, run: str) -> Traffic:
    """The traffic for these options. `run` is eight hexadecimal digits."""
    chance = Random(options.seed)
    people = _people(min(options.contacts, options.messages), chance)
    messages = [
        _message(run, number, person, chance)
        for number, person in enumerate(_writers(people, options.messages, chance), 1)
    ]
    return Traffic(run, tuple(_waves(messages, chance)), _replies(run, people, options, chance))


def _people(count: int, chance: Random) -> list[Person]:
    numbers = chance.sample(range(100_000, 1_000_000), count)
    return [Person(f"{PHONE_PREFIX}{number}", chance.choice(NAMES)) for number in numbers]


def _writers(people: Sequence[Person], count: int, chance: Random) -> list[Person]:
    """Everybody writes once; of the rest some people write much more than others."""
    eager = [chance.expovariate(1) for _ in people]
    return [*people, *chance.choices(people, eager, k=count - len(people))]


def _message(run: str, number: int, person: Person, chance: Random) -> Inbound:
    key = f"i{number}"
    text = f"{chance.choice(QUESTIONS)} [{run}-{key}]"
    return Inbound(key, person, text, inbound_wamid(person.phone))


def _waves(messages: Sequence[Inbound], chance: Random) -> Iterator[Wave]:
    start = 0
    while start < len(messages):
        size = chance.randint(*WAVE)
        yield Wave(tuple(messages[start : start + size]), _manner(chance))
        start += size


def _manner(chance: Random) -> dict[str, Any]:
    """Half of the waves come one message a POST, half in batches; all have doubles and disorder."""
    return {
        "batch": chance.choice((1, chance.randint(*BATCH))),
        "duplicates": DUPLICATES,
        "shuffle": True,
        "late": LATE,
        "late_s": round(chance.uniform(*LATE_S), 2),
        "concurrency": chance.randint(*CONCURRENCY),
        "seed": chance.randrange(2**31),
    }


def _replies(
    run: str, people: Sequence[Person], options: Options, chance: Random
) -> dict[Person, list[Reply]]:
    planned: dict[Person, list[Reply]] = {}
    number = 0
    turns = zip(cycle(chance.sample(people, len(people))), cycle(RUNS_OF_REPLIES), strict=False)
    for person, count in turns:
        for _ in range(min(count, options.replies - number)):
            number += 1
            key = f"r{number}"
            text = f"{chance.choice(ANSWERS)} [{run}-{key}]"
            planned.setdefault(person, []).append(Reply(key, person, text, f"demo-{run}-{key}"))
        if number >= options.replies:
            return planned
    return planned
