"""The traffic of a run, planned whole before the first message: who writes what, how it is posted.

Pure, and the same for the same options and run. Called by run.py. `run` is new for every run, and
so are its people: the demo can be repeated on one stack.
"""

from collections.abc import Iterator, Sequence
from itertools import cycle
from random import Random
from typing import Any
from uuid import uuid4

from metagraph.emulator import ids
from sluice_local.demo.items import WIDGET, Inbound, Person, Reply, Traffic, Wave
from sluice_local.demo.options import Options
from sluice_local.demo.thoughts import second_thoughts
from sluice_local.demo.tiny import FILES
from sluice_local.demo.words import ANSWERS, CHOICES, NAMES, QUESTIONS, SURNAMES, TERMS, Marks

WEIGHTS = {"whatsapp": 2, "messenger": 1, "instagram": 1, "widget": 1}
"""How many people write where."""
ADDRESSES = {
    "whatsapp": "1555",
    "messenger": "2400000000",
    "instagram": "1784100000",
    "widget": "visitor-",
}
"""First digits of a person's address there: of numbers that belong to nobody."""

WORDS = {
    "whatsapp": (*["text"] * 8, "location", "choice"),
    "messenger": (*["text"] * 8, "choice", "postback"),
    "instagram": (*["text"] * 8, "story_reply", "choice"),
    "widget": ("text",),
}
WITH_FILE = {
    "whatsapp": ("image", "image", "voice", "document", "sticker"),
    "messenger": ("image", "image", "voice", "document", "sticker"),
    "instagram": ("image", "image", "voice", "document"),
    "widget": ("image", "image", "voice", "document"),
}
"""Kinds of content on each channel; those of inbound messages are made by saying.py."""

PRESSED = frozenset({"choice", "postback"})
"""Of these: what is pressed instead of written."""

ANSWERED_WITH = (*["text"] * 14, "long", "image", "image", "buttons", "quote", "quote")
LONG = 5000
"""Characters: more than any platform takes at once."""
RUNS_OF_REPLIES = (1, 1, 1, 5, 1, 2)
"""How many replies one conversation gets before the next has its turn."""

WAVE = (20, 120)
BATCH = (2, 40)
DUPLICATES = 0.15
LATE = 0.05
LATE_S = (0.3, 2.0)
CONCURRENCY = (8, 48)


def plan(options: Options, run: str) -> Traffic:
    """The traffic for these options. `run` is eight hexadecimal digits."""
    chance, marks = Random(options.seed), Marks(run)
    people = _people(options, run, chance)
    writers = _writers(people, options.messages, chance)
    messages = [
        _message(marks, number, person, options.media if number > len(people) else None, chance)
        for number, person in enumerate(writers, 1)
    ]
    replies = _replies(marks, messages, people, options, chance)
    quoted = {reply.quotes for some in replies.values() for reply in some}
    texts = [
        one.key for one in messages
        if one.is_text and one.key not in quoted and one.person.channel != WIDGET
    ]  # fmt: skip
    answers = [
        reply.key for person, some in replies.items() for reply in some
        if person.channel != WIDGET
    ]  # fmt: skip
    thoughts = tuple(second_thoughts(marks, texts, answers, chance))
    return Traffic(marks, tuple(_waves(messages, chance)), replies, thoughts)


def _people(options: Options, run: str, chance: Random) -> list[Person]:
    count = min(options.contacts, options.messages)
    numbers = Random(f"{run} {options.seed}").sample(range(1_000_000, 10_000_000), count)
    turns = cycle([name for name in options.channels for _ in range(WEIGHTS[name])])
    return [
        Person(channel, f"{ADDRESSES[channel]}{number}", _name(chance))
        for channel, number in zip(turns, numbers, strict=False)
    ]


def _name(chance: Random) -> str:
    return f"{chance.choice(NAMES)} {chance.choice(SURNAMES)}"


def _writers(people: Sequence[Person], count: int, chance: Random) -> list[Person]:
    """Everybody writes once; of the rest some people write much more than others."""
    eager = [chance.expovariate(1) for _ in people]
    return [*people, *chance.choices(people, eager, k=count - len(people))]


def _message(
    marks: Marks, number: int, person: Person, media: float | None, chance: Random
) -> Inbound:
    """With `media` None a text: everybody begins with one."""
    key = f"i{number}"
    kind = "text"
    if media is not None:
        kinds = WITH_FILE if chance.random() < media else WORDS
        kind = chance.choice(kinds[person.channel])
    text = marks.put(chance.choice(CHOICES if kind in PRESSED else QUESTIONS), key)
    file = FILES[kind](f"{marks.run}-{key}") if kind in FILES else None
    return Inbound(key, person, kind, text, _new_id(person), file)


def _new_id(person: Person) -> str:
    if person.channel == WIDGET:
        return str(uuid4())
    if person.channel == "whatsapp":
        return ids.inbound_wamid(person.address)
    return ids.mid(person.channel)


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
    marks: Marks,
    messages: Sequence[Inbound],
    people: Sequence[Person],
    options: Options,
    chance: Random,
) -> dict[Person, list[Reply]]:
    first = {message.person: message.key for message in reversed(messages)}
    planned: dict[Person, list[Reply]] = {}
    number = 0
    turns = zip(cycle(chance.sample(people, len(people))), cycle(RUNS_OF_REPLIES), strict=False)
    for person, count in turns:
        for _ in range(min(count, options.replies - number)):
            number += 1
            reply = _reply(marks, f"r{number}", person, first[person], chance)
            planned.setdefault(person, []).append(reply)
        if number >= options.replies:
            return planned
    return planned


def _reply(marks: Marks, key: str, person: Person, first: str, chance: Random) -> Reply:
    kind, words = chance.choice(ANSWERED_WITH), chance.choice(ANSWERS)
    if kind == "long":
        words = f"{words}\n\n{TERMS * (LONG // len(TERMS) + 1)}"
    name = f"{marks.run}-{key}"
    return Reply(
        key,
        person,
        kind,
        marks.put(words, key),
        f"demo-{name}",
        quotes=first if kind == "quote" else None,
        file=FILES["image"](name) if kind == "image" else None,
    )
