"""What was seen of a run, compared with itself and with the plan. Pure; used by verdict.py."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sluice_local.demo.items import Person, Traffic
from sluice_local.demo.sightings import Accepted, Copy

FINAL = frozenset({"read", "played", "failed"})
MENTIONED = 20
"""Of what is wrong, so many keys are named."""


@dataclass(frozen=True, slots=True)
class Observed:
    """All that was seen of a run.

    `named`: people whose name is shown. `had`: second thoughts, by what they are about.
    `strangers`: messages in their threads that are no item. `created_twice`: counted by the
    realtime client. `said` and `seen`: what visitors of a site said, and what their own screens
    show of it, in order.
    """

    sent: Collection[str]
    refused: Mapping[str, str]
    stored: Sequence[Copy]
    shown: Sequence[Copy]
    ledger: Sequence[Accepted]
    named: Collection[Person] = ()
    had: Collection[str] = ()
    strangers: Sequence[str] = ()
    created_twice: int = 0
    said: Mapping[str, Sequence[str]] = field(default_factory=dict)
    seen: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a reply: as the inbox has it, and whether the platform has all its parts."""

    state: str | None
    arrived: bool


def fates_of(observed: Observed) -> dict[str, Fate]:
    """By key, of everything stored."""
    parts: dict[str, set[int]] = {}
    for one in observed.ledger:
        parts.setdefault(one.key, set()).add(one.part)
    return {
        copy.key: Fate(copy.delivery, len(parts.get(copy.key, ())) == copy.parts)
        for copy in observed.stored
    }


def has_vanished(fate: Fate | None) -> bool:
    """Whether the platform lacks a part of a reply, and the inbox does not say so."""
    return fate is None or (not fate.arrived and fate.state not in {"unknown", "failed"})


def whole(copies: Iterable[Copy]) -> set[str]:
    """The items that are there as they were meant in the end."""
    return {copy.key for copy in copies if copy.lacks is None}


def doubled_in(observed: Observed) -> set[str]:
    """The items that are there twice: as entities, or a part of them at the platform."""
    entities = [
        Counter(copy.key for copy in copies) for copies in (observed.stored, observed.shown)
    ]
    calls = Counter((one.key, one.part) for one in observed.ledger)
    return {key for seen in entities for key in seen if seen[key] > 1} | {
        key for (key, _), times in calls.items() if times > 1
    }


def named_few(what: str, keys: Collection[str]) -> Iterator[str]:
    """One sentence about all of them, or none."""
    if keys:
        few = " ".join(sorted(keys)[:MENTIONED])
        yield f"{what}: {len(keys)} ({few}{' …' if len(keys) > MENTIONED else ''})"


def forgotten(traffic: Traffic, observed: Observed) -> Iterator[str]:
    """People whose name is not shown, second thoughts that nobody had."""
    unnamed = traffic.nameless().difference(observed.named)
    yield from named_few("without a name", [person.address for person in unnamed])
    thoughts = {thought.about for thought in traffic.thoughts}
    yield from named_few("without its second thought", thoughts.difference(observed.had))


def unfinished(replies: Iterable[str], fates: Mapping[str, Fate]) -> Iterator[str]:
    """Every reply ends; unknown is an end only when the platform has nothing to report."""
    for key in replies:
        fate = fates.get(key)
        if fate is None or fate.state in FINAL:
            continue
        if fate.state == "unknown" and not fate.arrived:
            continue
        told = "accepted it" if fate.arrived else "does not have all of it"
        yield f"reply {key} is still {fate.state}; the platform {told}"


def without_file(traffic: Traffic, ledger: Sequence[Accepted]) -> Iterator[str]:
    """A picture reaches the platform with its own bytes."""
    arrived = {one.key for one in ledger}
    bytes_of = {(one.key, one.sha256) for one in ledger}
    for reply in traffic.all_replies():
        file = reply.file
        if file and reply.key in arrived and (reply.key, file.sha256) not in bytes_of:
            yield f"reply {reply.key} reached the platform without its picture"


def stale(observed: Observed) -> Iterator[str]:
    """The screen ends as the inbox is: the same entities at the same versions."""
    stored = {copy.id: copy for copy in observed.stored}
    for copy in observed.shown:
        there = stored.get(copy.id)
        if there is not None and there != copy:
            yield (
                f"{copy.key} is shown as version {copy.version} {copy.delivery or ''},"
                f" stored as {there.version} {there.delivery or ''}"
            )


def out_of_order(traffic: Traffic, ledger: Sequence[Accepted]) -> Iterator[str]:
    """Replies of one conversation, and their parts, reach the platform in the order written."""
    calls: dict[str, list[tuple[int, int]]] = {}
    for one in ledger:
        calls.setdefault(one.key, []).append((one.part, one.number))
    for replies in traffic.replies.values():
        numbers = [number for reply in replies for _, number in sorted(calls.get(reply.key, ()))]
        if numbers != sorted(numbers):
            keys = " ".join(reply.key for reply in replies)
            yield f"replies to one person reached the platform out of order: {keys} as {numbers}"


def unseen(observed: Observed) -> set[str]:
    """What visitors said and their own screens do not show."""
    return {
        key for who, said in observed.said.items()
        for key in set(said).difference(observed.seen.get(who, ()))
    }  # fmt: skip


def seen_twice(observed: Observed) -> set[str]:
    """What a visitor's own screen shows twice."""
    return {
        key for seen in observed.seen.values() for key, times in Counter(seen).items() if times > 1
    }


def misremembered(observed: Observed) -> Iterator[str]:
    """A visitor's own screen shows what they said, nothing else, in the order they said it."""
    for who, said in observed.said.items():
        seen = list(dict.fromkeys(observed.seen.get(who, ())))
        yield from named_few(f"on the screen of {who}, who did not say it", set(seen) - set(said))
        shown = [key for key in said if key in seen]
        if [key for key in seen if key in said] != shown:
            yield f"out of order on the screen of {who}: {' '.join(seen[:MENTIONED])}"
