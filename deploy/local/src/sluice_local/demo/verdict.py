"""The count: what was sent against what is stored, shown and accepted. Pure; called by run.py.

N counts distinct messages both ways: what people wrote and what the inbox took as replies. Then

lost      a message that is not stored or not shown; a reply the platform's ledger lacks, though
          the inbox shows it neither as unknown nor as failed
doubled   a message stored or shown as two entities, or created twice on the screen; a reply that
          stands in the ledger twice
unknown   a reply whose fate nobody knows, and the inbox says so: a person may decide. It is
          counted apart, for it is no loss to be silent about
answered  a reply whose last status, read, has come back
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sluice_local.demo.sightings import Accepted, Copy
from sluice_local.demo.traffic import Traffic

FINAL = frozenset({"read", "failed"})
MENTIONED = 20
"""Of what is wrong, so many sentences are kept."""


@dataclass(frozen=True, slots=True)
class Observed:
    """All that was seen of a run. `created_twice`: counted by the realtime client."""

    sent: Collection[str]
    refused: Mapping[str, str]
    stored: Sequence[Copy]
    shown: Sequence[Copy]
    ledger: Sequence[Accepted]
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
    wrong: Sequence[str] = field(default_factory=tuple)

    @property
    def agrees(self) -> bool:
        """Whether every figure is as it should be."""
        same = self.sent == self.stored == self.shown
        return same and not self.lost and not self.doubled and not self.wrong

    def lines(self) -> tuple[str, str]:
        """The last two lines of the demo."""
        fates = f"answered {self.answered} · failed {self.failed} · unknown {self.unknown}"
        counts = f"sent {self.sent} · stored {self.stored} · shown {self.shown}"
        return (
            f"replies {self.replies} · {fates}",
            f"{counts} · lost {self.lost} · doubled {self.doubled}",
        )


def judge(traffic: Traffic, observed: Observed) -> Verdict:
    """Compare everything with everything."""
    replies = [reply.key for reply in traffic.all_replies()]
    planned = {message.key for message in traffic.inbound()} | set(replies)
    stored, shown = _keys(observed.stored), _keys(observed.shown)
    accepted = Counter(one.key for one in observed.ledger)
    fate = {copy.key: copy.delivery for copy in observed.stored}
    unsent = planned.difference(observed.sent)
    unstored = planned.difference(stored)
    unshown = planned.difference(shown)
    vanished = {
        key for key in replies if not accepted[key] and fate.get(key) not in {"unknown", "failed"}
    }
    doubled = {key for seen in (stored, shown, accepted) for key in seen if seen[key] > 1}
    wrong = [
        *_named("not sent", unsent),
        *(f"{key} was refused: {why}" for key, why in observed.refused.items()),
        *_named("not stored", unstored),
        *_named("not shown", unshown),
        *_named("not in the platform's ledger", vanished),
        *_named("doubled", doubled),
        *_unfinished(replies, fate, accepted),
        *_stale(observed),
        *_out_of_order(traffic, observed.ledger),
    ]
    return Verdict(
        sent=len(observed.sent),
        stored=len(stored),
        shown=len(shown),
        lost=len(unstored | unshown | vanished),
        doubled=len(doubled) + observed.created_twice,
        replies=len(replies),
        answered=sum(fate.get(key) == "read" for key in replies),
        failed=sum(fate.get(key) == "failed" for key in replies),
        unknown=sum(fate.get(key) == "unknown" for key in replies),
        wrong=tuple(wrong[:MENTIONED]),
    )


def _keys(copies: Iterable[Copy]) -> Counter[str]:
    """How many entities each item of the run became."""
    return Counter(copy.key for copy in copies)


def _named(what: str, keys: Collection[str]) -> Iterator[str]:
    if keys:
        few = " ".join(sorted(keys)[:MENTIONED])
        yield f"{what}: {len(keys)} ({few}{' …' if len(keys) > MENTIONED else ''})"


def _unfinished(
    replies: Iterable[str], fate: Mapping[str, str | None], accepted: Counter[str]
) -> Iterator[str]:
    """Every reply ends; unknown is an end only when the platform has nothing to report."""
    for key in replies:
        state = fate.get(key)
        if state in FINAL or (state == "unknown" and not accepted[key]):
            continue
        if state is not None:
            told = "accepted it" if accepted[key] else "does not have it"
            yield f"reply {key} is still {state}; the platform {told}"


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
    """Replies of one conversation reach the platform in the order they were written."""
    place = {one.key: one.number for one in reversed(ledger)}
    for replies in traffic.replies.values():
        numbers = [place[reply.key] for reply in replies if reply.key in place]
        if numbers != sorted(numbers):
            keys = " ".join(reply.key for reply in replies)
            yield f"replies to one person reached the platform out of order: {keys} as {numbers}"
