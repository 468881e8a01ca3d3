"""What a run consists of: people, their messages, the replies to them. Planned by traffic.py.

An item is known by the mark in its words (words.py), by the sha256 of its file (tiny.py) or, a
reply, by its client_msg_id.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sluice_local.demo.thoughts import Thought
from sluice_local.demo.tiny import TinyFile
from sluice_local.demo.words import Marks

WIDGET = "widget"
"""Where people are visitors of a site: they write to the gateway themselves, over sockets."""
NAMELESS = frozenset({"messenger", "instagram"})
"""Where a message does not tell who wrote: the name is looked up."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who writes, and whom replies go to: by the address the platform gave them.

    A visitor of a site has none, and a word of the demo's in its place.
    """

    channel: str
    address: str
    name: str


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message of a person. `id` is the platform's; without `text` the file is all there is.

    A visitor's `id` is their client's own.
    """

    key: str
    person: Person
    kind: str
    text: str
    id: str
    file: TinyFile | None = None

    @property
    def is_text(self) -> bool:
        return self.kind == "text"


@dataclass(frozen=True, slots=True)
class Wave:
    """Messages handed to the emulator at once; `manner` is how it posts them."""

    messages: tuple[Inbound, ...]
    manner: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `client_msg_id` makes a repeat harmless, `quotes` is a message's key."""

    key: str
    person: Person
    kind: str
    text: str
    client_msg_id: str
    quotes: str | None = None
    file: TinyFile | None = None


@dataclass(frozen=True, slots=True)
class Traffic:
    """All of a run. `replies` of one person go out in this order, those of several at once."""

    marks: Marks
    waves: tuple[Wave, ...]
    replies: dict[Person, list[Reply]]
    thoughts: tuple[Thought, ...]

    def inbound(self) -> Iterator[Inbound]:
        """Every distinct message, in the order of sending."""
        return (message for wave in self.waves for message in wave.messages)

    def all_replies(self) -> Iterator[Reply]:
        return (reply for replies in self.replies.values() for reply in replies)

    def items(self) -> dict[str, Inbound | Reply]:
        """Both by key."""
        items: dict[str, Inbound | Reply] = {one.key: one for one in self.inbound()}
        return items | {one.key: one for one in self.all_replies()}

    def people(self) -> list[Person]:
        """Who writes."""
        return list(dict.fromkeys(message.person for message in self.inbound()))

    def nameless(self) -> set[Person]:
        """Those whose name has to be looked up."""
        return {person for person in self.people() if person.channel in NAMELESS}
