"""An item of this run wherever it is met: on the screen, in the inbox, in the platform's ledger.

`Witness` recognizes it: a reply by its client_msg_id, a message by the mark in its words or the
sha256 of its file, and one that was taken back by the id it had before. Used by screen.py, run.py
and actors.py; what it makes is compared by verdict.py.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.commands import CommandId
from sluice_local.demo.items import Reply, Traffic
from sluice_local.demo.thoughts import Thought

OURS = "us"
"""Who reacted, when it was the inbox."""

View = Mapping[str, Any]
"""A message entity, as REST and the socket show it."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A message entity, on the screen or in the inbox. `key` is the item of the run it is.

    `lacks` says what is not as it should be in the end: a file on its way, an edit not shown.
    """

    id: str
    key: str
    conversation: str
    version: int
    delivery: str | None
    parts: int = 1
    lacks: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A part of a reply the platform accepted; `number` is the order of acceptance.

    `id` is the platform's. `sha256`: of the file it holds.
    """

    number: int
    key: str
    part: int
    id: str
    sha256: str | None = None


class Witness:
    """Knows the items of a run. `digests`: file id → sha256, of what could be downloaded."""

    def __init__(self, traffic: Traffic) -> None:
        self.digests: dict[str, str] = {}
        self._marks = traffic.marks
        self._items = traffic.items()
        self._thoughts = {thought.about: thought for thought in traffic.thoughts}
        self._by_client_id = {one.client_msg_id: one.key for one in traffic.all_replies()}
        self._by_sha256 = {one.file.sha256: one.key for one in traffic.inbound() if one.file}
        self._by_id = {one.id: one.key for one in traffic.inbound()}
        self._known: dict[str, str] = {}

    def key_of(self, message: View) -> str | None:
        """The item a message is; None when it is of none, or its file is still to come."""
        client_id = message["client_msg_id"]
        key = (
            self._known.get(message["id"])
            or (self._by_client_id.get(client_id) if client_id else None)
            or self._by_words(message["parts"])
            or self._by_file(message["parts"])
        )
        if key is not None:
            self._known[message["id"]] = key
        return key

    def copy_of(self, message: View) -> Copy | None:
        """None when the message is of no item."""
        key = self.key_of(message)
        if key is None:
            return None
        delivery = message["delivery"]
        return Copy(
            id=message["id"],
            key=key,
            conversation=message["conversation_id"],
            version=message["version"],
            delivery=delivery["state"] if delivery else None,
            parts=len(message["parts"]),
            lacks=self._lacking(key, message),
        )

    def accepted(self, entry: Mapping[str, Any]) -> Accepted | None:
        """An entry of the ledger; None when it is no part of a reply of this run."""
        command = CommandId.parse(entry["ref"])
        key = self._known.get(str(command.message)) if command else None
        if command is None or key is None or entry["kind"] != "message":
            return None
        return Accepted(entry["number"], key, command.part, entry["wamid"], entry["sha256"])

    def key_of_shown(self, message: Mapping[str, Any]) -> str | None:
        """The reply that a message on a visitor's screen is; its id is the inbox' own."""
        return self._known.get(message["id"]) or self._by_words(message.get("parts", ()))

    def key_of_id(self, number: str | None) -> str | None:
        """The message its sender gave this id."""
        return self._by_id.get(number or "")

    def reacted(self, entry: Mapping[str, Any]) -> str | None:
        """The message an accepted emoji of ours is on; None when the entry is something else."""
        body = entry["body"]
        found = body.get("reaction") or body.get("payload")
        number = found.get("message_id") if isinstance(found, dict) else None
        return self._by_id.get(number) if isinstance(number, str) else None

    def is_stranger(self, message: View) -> bool:
        """Whether a message of these people's threads is no item, and cannot become one."""
        if message["hidden"] or message["kind"] == "event" or self.key_of(message) is not None:
            return False
        media = [part["media"] for part in message["parts"] if part.get("media")]
        return all(one["state"] == "ready" for one in media)

    def _by_words(self, parts: Iterable[View]) -> str | None:
        found = (self._marks.key_of(text) for part in parts for text in _texts(part))
        return next((key for key in found if key), None)

    def _by_file(self, parts: Iterable[View]) -> str | None:
        digests = (self.digests.get(number) for number in files_of(parts))
        return next((self._by_sha256[one] for one in digests if one in self._by_sha256), None)

    def _lacking(self, key: str, message: View) -> str | None:
        item, thought = self._items[key], self._thoughts.get(key)
        states = [part["media"]["state"] for part in message["parts"] if part.get("media")]
        waiting = next((state for state in states if state != "ready"), None)
        if thought is not None and not _had(thought, message):
            return f"shows no {thought.kind}"
        if isinstance(item, Reply) or item.file is None:
            return None
        if waiting is not None or not states:
            return f"has a file that is {waiting or 'missing'}"
        found = {self.digests.get(number) for number in files_of(message["parts"])}
        return None if found == {item.file.sha256} else "has a file of other bytes"


def files_of(parts: Iterable[View]) -> Iterator[str]:
    """The ids of the files that are ready."""
    for part in parts:
        media = part.get("media")
        if media and media["state"] == "ready":
            yield media["file_id"]


def _had(thought: Thought, message: View) -> bool:
    """Whether the message is as a second thought would have it."""
    match thought.kind:
        case "edit":
            return [part.get("text") for part in message["parts"]] == [thought.words]
        case "unsend":
            return bool(message["deleted_at"]) and not message["parts"]
        case "reaction":
            return any(
                one["by"] != OURS and one["emoji"] == thought.words for one in message["reactions"]
            )
        case "our_reaction":
            return any(
                one["by"] == OURS and one["emoji"] == thought.words for one in message["reactions"]
            )


def _texts(value: Any) -> Iterator[str]:
    """Every text in a part, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
