"""What a platform brings to delivering: its calls, and how a command says it can never be one.

Caller is implemented by each channel's deliver.py and used by sender.py and actions.py; the rest
is for the channels' requests.py, which are pure.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from adapter.channels import Credential
from contracts.commands import ActionCommand, SendCommand
from contracts.parts import Alias, Part, Problem
from metagraph.media import Upload


@dataclass(frozen=True, slots=True)
class Handed:
    """A part's file as a message names it: by the platform's `id`, or by a `link` it follows.

    `key` is the entry of the bucket `uploads` an id was remembered under: it may be gone by now.
    """

    id: str | None = None
    link: str | None = None
    key: str | None = None


class CannotSend(Exception):
    """The command can never be carried out as it is; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Caller(Protocol):
    """A platform's own part. Every call raises CannotSend, NotSent or, `send` alone, Ambiguous."""

    async def upload(self, command: SendCommand, credential: Credential, file: Upload) -> str:
        """Hand over the file of the command's part: the platform's id of it."""
        ...

    async def send(self, command: SendCommand, credential: Credential, file: Handed | None) -> str:
        """The one call of a command: the platform's id of the message."""
        ...

    async def act(self, command: ActionCommand, credential: Credential) -> bool:
        """Carry out an action. False: the platform has no such thing, and nothing was called."""
        ...


def refused(sentence: str) -> CannotSend:
    """The message itself is at fault."""
    return CannotSend(Problem(kind="content", message=sentence))


def addressee(aliases: Collection[Alias], kinds: Collection[str]) -> Alias:
    """The first alias of these kinds: it is the one used last. Raises CannotSend."""
    for alias in aliases:
        if alias.kind in kinds:
            return alias
    raise CannotSend(
        Problem(kind="undeliverable", message="No number or id is known to write to this person.")
    )


def words(part: Part) -> str:
    """The text of a part that is nothing without it. Raises CannotSend."""
    if not part.text:
        raise refused("The message has no text.")
    return part.text


def needed(part: Part, *names: str) -> dict[str, Any]:
    """The data of a part, with these fields in it. Raises CannotSend."""
    data = part.data or {}
    missing = [name for name in names if data.get(name) in (None, "", [])]
    if missing:
        raise refused(f"The {part.kind} lacks: {', '.join(missing)}.")
    return data


def given(**fields: Any) -> dict[str, Any]:
    """The fields that have a value."""
    return {name: value for name, value in fields.items() if value not in (None, "")}


def rows(value: Any, *names: str) -> list[Mapping[str, Any]]:
    """A list of objects that each have these fields as text. Raises CannotSend."""
    if not isinstance(value, (list, tuple)):
        raise refused("A list of the message is none.")
    for row in value:
        if not isinstance(row, Mapping) or not all(isinstance(row.get(n), str) for n in names):
            raise refused(f"A row of the message lacks: {', '.join(names)}.")
    return list(value)
