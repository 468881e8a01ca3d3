"""Second thoughts: a message that is edited or taken back, an emoji on one. Planned, then had.

The plan is pure (traffic.py); actors.py has them once the message they are about is on the screen.
An edit and an unsend count as the message they change, reactions count as nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from sluice_local.demo.words import EMOJI, Marks

Kind = Literal["edit", "unsend", "reaction", "our_reaction"]

ABOUT_MESSAGES: dict[Kind, int] = {"edit": 50, "unsend": 100, "our_reaction": 40}
"""One in so many texts of people; no text gets two."""
ABOUT_REPLIES: dict[Kind, int] = {"reaction": 10}


@dataclass(frozen=True, slots=True)
class Thought:
    """`about` is the item's key. `words`: the new ones, or the emoji."""

    kind: Kind
    about: str
    words: str = ""


def second_thoughts(
    marks: Marks, texts: Sequence[str], replies: Sequence[str], chance: Random
) -> Iterator[Thought]:
    """About some of these texts of people, and some of these replies."""
    for table, keys in ((ABOUT_MESSAGES, texts), (ABOUT_REPLIES, replies)):
        left = chance.sample(keys, len(keys))
        for kind, one_in in table.items():
            for _ in range(len(keys) // one_in):
                about = left.pop()
                emoji = chance.choice(EMOJI)
                yield Thought(
                    kind, about, marks.put("I meant:", about) if kind == "edit" else emoji
                )
