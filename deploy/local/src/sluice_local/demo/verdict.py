"""The count: what was sent against what is stored, shown and accepted. Pure; called by run.py.

N counts distinct messages both ways: what people wrote and what the inbox took as replies. Then

lost      a message that is not stored or not shown as it was meant in the end: its file ready and
          the very bytes, edited, taken back or with the emoji on it; a reply of which the
          platform's ledger lacks a part, though the inbox shows it neither as unknown nor as failed
doubled   a message stored or shown as two entities, or created twice on the screen; a part of a
          reply that stands in the ledger twice; a message in these threads that nobody sent, such
          as an echo taken for one
unknown   a reply whose fate nobody knows, and the inbox says so: a person may decide. It is
          counted apart, for it is no loss to be silent about
answered  a reply whose last status, read, has come back
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sluice_local.demo.sightings import Accepted, Copy
from sluice_local.demo.traffic import NAMELESS, Person, Traffic

FINAL = frozenset({"read", "played", "failed"})
ANSWERED = frozenset({"read", "played"})
MENTIONED = 20
"""Of what is wrong, so many sentences are kept."""


@dataclass(frozen=True, slots=True)
class Observed:
    """All that was seen of a run.

    `named`: people whose name is shown. `had`: second thoughts, by what they are about.
    `strangers`: messages in their threads that are no item. `created_twice`: counted by the
    realtime client.
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


@dataclass(frozen=True, slots=True)
class Verdict:
    """The figures, and in `wrong` a sentence about everything that does not agree."""

    sent: int
    stored: int
    shown: int
    lost: int
    doubled: int
    replies: int
    answered: int
    failed: int
    unknown: int
    files: int = 0
    ready: int = 0
    people: int = 0
    named: int = 0
    wrong: Sequence[str] = field(default_factory=tuple)

    @property
    def agrees(self) -> bool:
        """Whether every figure is as it should be."""
        same = self.sent == self.stored == self.shown
        return same and not self.lost and not self.doubled and not self.wrong

    def lines(self) -> tuple[str, str]:
        """The last two lines of the demo."""
        files = f"media {self.ready} of {self.files} ready"
        profiles = f"profiles {self.named} of {self.people}"
        fates = f"answered {self.answered} · failed {self.failed} · unknown {self.unknown}"
        counts = f"sent {self.sent} · stored {self.stored} · shown {self.shown}"
        return (
            f"{files} · {profiles} · replies {self.replies} · {fates}",
            f"{counts} · lost {self.lost} · doubled {self.doubled}",
        )


def judge(traffic: Traffic, observed: Observed) -> Verdict:
    """Compare everything with everything."""
    replies = [reply.key for reply in traffic.all_replies()]
    files = {message.key for message in traffic.inbound() if message.file}
    nameless = [one for one in traffic.people() if one.channel in NAMELESS]
    planned = {message.key for message in traffic.inbound()} | set(replies)
    stored, shown = _whole(observed.stored), _whole(observed.shown)
    unstored, unshown = planned - stored, planned - shown
    fates = _fates(observed)
    vanished = {key for key in replies if _has_vanished(fates.get(key))}
    doubled = _doubled(observed)
    unnamed = [person for person in nameless if person not in observed.named]
    wrong = [
        *_named("not sent", planned.difference(observed.sent)),
        *(f"{key} was refused: {why}" for key, why in observed.refused.items()),
        *_named("not stored", unstored),
        *_named("not shown", unshown),
        *(f"{one.key} {one.lacks}" for one in observed.stored if one.lacks),
        *_named("not in the platform's ledger", vanished),
        *_named("doubled", doubled),
        *(f"a message that nobody sent: {one}" for one in observed.strangers),
        *_named("without a name", [person.address for person in unnamed]),
        *_named(
            "without its second thought",
            {thought.about for thought in traffic.thoughts}.difference(observed.had),
        ),
        *_unfinished(replies, fates),
        *_without_file(traffic, observed.ledger),
        *_stale(observed),
        *_out_of_order(traffic, observed.ledger),
    ]
    states = [fates[key].state if key in fates else None for key in replies]
    return Verdict(
        sent=len(observed.sent),
        stored=len(stored),
        shown=len(shown),
        lost=len(unstored | unshown | vanished),
        doubled=len(doubled) + len(observed.strangers) + observed.created_twice,
        replies=len(replies),
        answered=sum(state in ANSWERED for state in states),
        failed=states.count("failed"),
        unknown=states.count("unknown"),
        files=len(files),
        ready=len(files & stored & shown),
        people=len(nameless),
        named=len(nameless) - len(unnamed),
        wrong=tuple(wrong[:MENTIONED]),
    )


@dataclass(frozen=True, slots=True)
class _Fate:
    """What became of a reply: as the inbox has it, and whether the platform has all its parts."""

    state: str | None
    arrived: bool


def _fates(observed: Observed) -> dict[str, _Fate]:
    parts: dict[str, set[int]] = {}
    for one in observed.ledger:
        parts.setdefault(one.key, set()).add(one.part)
    return {
        copy.key: _Fate(copy.delivery, len(parts.get(copy.key, ())) == copy.parts)
        for copy in observed.stored
    }


def _has_vanished(fate: _Fate | None) -> bool:
    return fate is None or (not fate.arrived and fate.state not in {"unknown", "failed"})


def _whole(copies: Iterable[Copy]) -> set[str]:
    """The items that are there as they were meant in the end."""
    return {copy.key for copy in copies if copy.lacks is None}


def _doubled(observed: Observed) -> set[str]:
    entities = [
        Counter(copy.key for copy in copies) for copies in (observed.stored, observed.shown)
    ]
    calls = Counter((one.key, one.part) for one in observed.ledger)
    return {key for seen in entities for key in seen if seen[key] > 1} | {
        key for (key, _), times in calls.items() if times > 1
    }


def _named(what: str, keys: Collection[str]) -> Iterator[str]:
    if keys:
        few = " ".join(sorted(keys)[:MENTIONED])
        yield f"{what}: {len(keys)} ({few}{' …' if len(keys) > MENTIONED else ''})"


def _unfinished(replies: Iterable[str], fates: Mapping[str, _Fate]) -> Iterator[str]:
    """Every reply ends; unknown is an end only when the platform has nothing to report."""
    for key in replies:
        fate = fates.get(key)
        if fate is None or fate.state in FINAL:
            continue
        if fate.state == "unknown" and not fate.arrived:
            continue
        told = "accepted it" if fate.arrived else "does not have all of it"
        yield f"reply {key} is still {fate.state}; the platform {told}"


def _without_file(traffic: Traffic, ledger: Sequence[Accepted]) -> Iterator[str]:
    """A picture reaches the platform with its own bytes."""
    arrived = {one.key for one in ledger}
    bytes_of = {(one.key, one.sha256) for one in ledger}
    for reply in traffic.all_replies():
        file = reply.file
        if file and reply.key in arrived and (reply.key, file.sha256) not in bytes_of:
            yield f"reply {reply.key} reached the platform without its picture"


def _stale(observed: Observed) -> Iterator[str]:
    """The screen ends as the inbox is: the same entities at the same versions."""
    stored = {copy.id: copy for copy in observed.stored}
    for copy in observed.shown:
        there = stored.get(copy.id)
        if there is not None and there != copy:
            yield (
                f"{copy.key} is shown as version {copy.version} {copy.delivery or ''},"
                f" stored as {there.version} {there.delivery or ''}"
            )


def _out_of_order(traffic: Traffic, ledger: Sequence[Accepted]) -> Iterator[str]:
    """Replies of one conversation, and their parts, reach the platform in the order written."""
    calls: dict[str, list[tuple[int, int]]] = {}
    for one in ledger:
        calls.setdefault(one.key, []).append((one.part, one.number))
    for replies in traffic.replies.values():
        numbers = [number for reply in replies for _, number in sorted(calls.get(reply.key, ()))]
        if numbers != sorted(numbers):
            keys = " ".join(reply.key for reply in replies)
            yield f"replies to one person reached the platform out of order: {keys} as {numbers}"
