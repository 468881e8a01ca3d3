"""inbox-core's word on the threads of visitors, from memory: it takes events and tells history.

    inbox = MemoryInbox()
    inbox.take(MessageEvent(…))
    await rig.bus.serve(subjects.VISITOR_HISTORY, inbox.answer)

The one fake of that question in tests; tests/contract/history runs one suite over it and over the
real one. Used by support/widget.py, and by support/team.py, which follows the bus with it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

from pydantic_core import to_json

from contracts.events import ContactEvent, DeletionEvent, Event, MessageEvent, RatingEvent
from contracts.parts import Alias, Part
from contracts.rpc import HistoryAnswer, HistoryMessage, HistoryRequest, HistoryThread
from inbox_core.app.history import MAX_BYTES, MOST_THREADS
from inbox_core.domain.status import REOPEN_WINDOW

TWO_CLOCKS = timedelta(seconds=5)
"""A rating counts for a closing that its clock says came after it by no more."""
Name = tuple[str, str]


@dataclass(eq=False)
class Person:
    """Somebody, by all names they are known by."""

    names: set[Name]
    blocked: bool = False


@dataclass(eq=False)
class Thread:
    """One person's conversation. `last`: the number given last, also to what nobody is shown."""

    person: Person
    last_at: datetime
    id: UUID = field(default_factory=uuid4)
    messages: list[HistoryMessage] = field(default_factory=list)
    last: int = 0
    read_seq: int = 0
    closed_at: datetime | None = None
    rated: tuple[datetime, int, str] | None = None
    """When, the stars, the words."""

    @property
    def texts(self) -> list[str]:
        return ["".join(part.text or "" for part in one.parts) for one in self.messages]

    @property
    def rating(self) -> int | None:
        """Their last word; None when it was closed anew since then."""
        if self.rated is None:
            return None
        at, score, _ = self.rated
        earlier = self.closed_at is not None and at < self.closed_at - TWO_CLOCKS
        return None if earlier else score

    def head(self) -> HistoryThread:
        return HistoryThread(
            id=self.id,
            open=self.closed_at is None,
            last_seq=self.messages[-1].seq if self.messages else 0,
            read_seq=self.read_seq,
            last_message_at=self.last_at,
            closed_at=self.closed_at,
            rating=self.rating,
        )

    def add(
        self, at: datetime, parts: Sequence[Part], by: Literal["contact", "user"], **more: Any
    ) -> HistoryMessage:
        """One more message; `more`: author, external_id."""
        self.last += 1
        message = HistoryMessage(
            id=uuid4(),
            conversation_id=self.id,
            seq=self.last,
            at=at,
            by=by,
            parts=tuple(parts),
            **more,
        )
        self.messages.append(message)
        self.last_at = max(self.last_at, at)
        return message


@dataclass
class MemoryInbox:
    """`asked`: every question, in order. `repeated`: messages that came more than once."""

    people: list[Person] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)
    asked: list[HistoryRequest] = field(default_factory=list)
    repeated: int = 0
    _seen: set[str] = field(default_factory=set)

    def thread(self, name: Name) -> Thread:
        """The newest one of whoever has this name."""
        return self._threads(self._people([name]))[0]

    def texts(self) -> list[str]:
        """Of all messages, thread by thread."""
        return [text for thread in self.threads for text in thread.texts]

    def say(self, thread: Thread, *parts: Part, author: str = "Ana") -> HistoryMessage:
        """A word of the team, which opens what was closed."""
        thread.closed_at = None
        return thread.add(datetime.now(UTC), parts, "user", author=author)

    def close(self, thread: Thread, at: datetime | None = None) -> None:
        thread.closed_at = at or datetime.now(UTC)

    def take(self, event: Event) -> None:
        """What a channel says; of other kinds nothing is kept."""
        match event:
            case MessageEvent():
                self._hear(event)
            case ContactEvent():
                self._somebody(event.data.contact.aliases)
            case DeletionEvent():
                self._take_back(event.data.external_id)
            case RatingEvent():
                self._rate(event)
            case _:
                return

    async def answer(self, body: bytes) -> bytes:
        """Of rpc.inbox-core.visitor.history."""
        ask = HistoryRequest.model_validate_json(body)
        self.asked.append(ask)
        return self.tell(ask).model_dump_json().encode()

    def tell(self, ask: HistoryRequest) -> HistoryAnswer:
        """The strongest name decides who is blocked; what is under a weaker one is left out."""
        people = self._people(_names(ask.aliases))
        if people and people[0].blocked:
            return HistoryAnswer(blocked=True)
        mine = self._threads([person for person in people if not person.blocked])
        page = _Page(ask.limit)
        if ask.before is not None:
            conversation, seq = ask.before
            page.end_of([m for t in mine if t.id == conversation for m in t.messages], seq)
            return HistoryAnswer(messages=tuple(page.messages), more=page.more)
        mine = mine[:MOST_THREADS]
        for thread in mine:
            after = ask.after.get(thread.id)
            if after is not None:
                page.take([one for one in thread.messages if one.seq > after])
            elif thread is mine[0]:
                page.end_of(thread.messages)
                page.more = False
            if page.more:
                break
        heads = tuple(thread.head() for thread in mine)
        return HistoryAnswer(threads=heads, messages=tuple(page.messages), more=page.more)

    def _hear(self, event: MessageEvent) -> None:
        said, now = event.data, datetime.now(UTC)
        if said.external_id in self._seen:
            self.repeated += 1
            return
        self._seen.add(said.external_id)
        person = self._somebody(said.contact.aliases)
        thread = next(iter(self._threads([person])), None)
        over = thread is not None and thread.closed_at is not None
        if thread is None or (
            over and not person.blocked and now - (thread.closed_at or now) > REOPEN_WINDOW
        ):
            thread = Thread(person, event.time, closed_at=now if person.blocked else None)
            self.threads.append(thread)
        if person.blocked:
            thread.last += 1
            return
        thread.closed_at = None
        thread.add(event.time, said.parts, "contact", external_id=said.external_id)

    def _somebody(self, aliases: Iterable[Alias]) -> Person:
        """The first name that is known decides; names nobody has become theirs."""
        names = _names(aliases)
        known = self._people(names)
        if not known:
            known = [Person(set())]
            self.people += known
        taken = {name for person in self.people for name in person.names}
        known[0].names |= set(names) - taken
        return known[0]

    def _take_back(self, external_id: str) -> None:
        for thread in self.threads:
            thread.messages = [
                one.model_copy(update={"parts": (), "deleted": True})
                if one.external_id == external_id
                else one
                for one in thread.messages
            ]

    def _rate(self, event: RatingEvent) -> None:
        """Theirs by any name; the later word stands."""
        stars, people = event.data, self._people(_names(event.data.contact.aliases))
        mine = self._threads(people)
        thread = next((one for one in mine if one.id == stars.conversation_id), None)
        if thread is None or people[0].blocked or thread.person.blocked:
            return
        said = (event.time, stars.score, stars.comment or "")
        thread.rated = max(said, thread.rated or said)

    def _people(self, names: Iterable[Name]) -> list[Person]:
        """In the order of their names, each once."""
        found = [person for name in names for person in self.people if name in person.names]
        return list(dict.fromkeys(found))

    def _threads(self, people: Sequence[Person]) -> list[Thread]:
        """Newest first."""
        mine = [thread for thread in self.threads if thread.person in people]
        return sorted(mine, key=lambda one: one.last_at, reverse=True)


@dataclass
class _Page:
    """As many messages as fit. `more`: something did not."""

    limit: int
    messages: list[HistoryMessage] = field(default_factory=list)
    size: int = 0
    more: bool = False

    def take(self, found: Iterable[HistoryMessage]) -> None:
        for message in found:
            if len(self.messages) >= self.limit or self.size >= MAX_BYTES:
                self.more = True
                return
            self.messages.append(message)
            self.size += len(to_json(message.parts, exclude_none=True))

    def end_of(self, found: Sequence[HistoryMessage], before: int | None = None) -> None:
        """What comes last, or last before a number."""
        self.take(one for one in reversed(found) if before is None or one.seq < before)
        self.messages.reverse()


def _names(aliases: Iterable[Alias]) -> list[Name]:
    return [(alias.kind, alias.value) for alias in aliases]
