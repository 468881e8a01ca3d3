"""The count: what was sent against what is stored, shown and accepted. Pure; called by run.py.

N counts distinct messages both ways: what people wrote and what the inbox took as replies. Then

lost      a message that is not stored or not shown as it was meant in the end: its file ready and
          the very bytes, edited, taken back or with the emoji on it; what a visitor of a site said
          that their own screen does not show; a reply of which the platform's ledger, or the
          visitor's screen, lacks a part, though the inbox shows it neither as unknown nor as failed
doubled   a message stored or shown as two entities, or created twice on the screen; a part of a
          reply that stands in the ledger, or on the visitor's screen, twice; a message in these
          threads that nobody sent, such as an echo taken for one
unknown   a reply whose fate nobody knows, and the inbox says so: a person may decide. It is
          counted apart, for it is no loss to be silent about
answered  a reply whose last status, read, has come back
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sluice_local.demo.comparing import (
    Observed,
    doubled_in,
    fates_of,
    forgotten,
    has_vanished,
    misremembered,
    named_few,
    out_of_order,
    seen_twice,
    stale,
    unfinished,
    unseen,
    whole,
    without_file,
)
from sluice_local.demo.items import Traffic

ANSWERED = frozenset({"read", "played"})
MENTIONED = 20
"""Of what is wrong, so many sentences are kept."""


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
    nameless = traffic.nameless()
    planned = {message.key for message in traffic.inbound()} | set(replies)
    stored, shown = whole(observed.stored), whole(observed.shown)
    unstored, unshown = planned - stored, planned - shown
    fates = fates_of(observed)
    vanished = {key for key in replies if has_vanished(fates.get(key))}
    unremembered = unseen(observed)
    doubled = doubled_in(observed) | seen_twice(observed)
    wrong = [
        *named_few("not sent", planned.difference(observed.sent)),
        *(f"{key} was refused: {why}" for key, why in observed.refused.items()),
        *named_few("not stored", unstored),
        *named_few("not shown", unshown),
        *(f"{one.key} {one.lacks}" for one in observed.stored if one.lacks),
        *named_few("not at the platform or the visitor", vanished),
        *named_few("not on the screen of the visitor who said it", unremembered),
        *named_few("doubled", doubled),
        *(f"a message that nobody sent: {one}" for one in observed.strangers),
        *forgotten(traffic, observed),
        *unfinished(replies, fates),
        *without_file(traffic, observed.ledger),
        *stale(observed),
        *out_of_order(traffic, observed.ledger),
        *misremembered(observed),
    ]
    states = [fates[key].state if key in fates else None for key in replies]
    return Verdict(
        sent=len(observed.sent),
        stored=len(stored),
        shown=len(shown),
        lost=len(unstored | unshown | vanished | unremembered),
        doubled=len(doubled) + len(observed.strangers) + observed.created_twice,
        replies=len(replies),
        answered=sum(state in ANSWERED for state in states),
        failed=states.count("failed"),
        unknown=states.count("unknown"),
        files=len(files),
        ready=len(files & stored & shown),
        people=len(nameless),
        named=len(nameless & set(observed.named)),
        wrong=tuple(wrong[:MENTIONED]),
    )
