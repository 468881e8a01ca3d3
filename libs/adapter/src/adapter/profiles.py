"""Handles FetchProfile: the platform's name and picture of a person → result on the bus.

Run by bus.commanding.CommandConsumer over the consumer `<type>-profile`, AT_ONCE at a time. That
a platform shows nothing of somebody is an answer like another, and no problem.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID
from weakref import WeakValueDictionary

import structlog

from adapter.answers import attributes
from adapter.channels import Channels, Credential
from adapter.media.avatars import Avatars
from adapter.patience import NO_CHANNEL, TOO_LATE, Trouble, later, of_graph
from adapter.remembered import Remembered
from bus.commanding import Done, Verdict
from bus.ports import Delivered
from chassis.metrics import count
from contracts import batch
from contracts.commands import ProfileCommand
from contracts.events import ProfileResult, ProfileResultEvent
from contracts.parts import StoredFile
from metagraph.accounts import INSTAGRAM_PERSON, MESSENGER_PERSON
from metagraph.errors import NotSent

AT_ONCE = 4
STAGE = "profile"
NOT_SHOWN = frozenset({"undeliverable", "declined"})
"""Kinds of errors that say: nothing of this person is shown. Asking again soon is vain."""
REMEMBER_S = 3600.0
MAX_REMEMBERED = 10_000
MAX_TEXT = 2048
"""Characters. No name and no link of a picture is as long; what is longer is cut."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Lookup:
    """How a channel type is asked: by the alias of which kind, for which of Graph's fields."""

    alias: str
    fields: tuple[str, ...]


MESSENGER = Lookup("psid", MESSENGER_PERSON)
INSTAGRAM = Lookup("igsid", INSTAGRAM_PERSON)


class Profile(NamedTuple):
    """What is shown of a person; nothing at all is a profile too."""

    name: str | None = None
    username: str | None = None
    avatar: StoredFile | None = None


class ProfileGraph(Protocol):
    """What is needed of metagraph's client."""

    async def profile(self, person: str, fields: Sequence[str], token: str) -> dict[str, Any]: ...


class ProfileHandler:
    """Handles one command; several at once, never two of the same person.

    `lookups` by channel type. `graph_of` picks the client by the login a credential is of.
    `publish` takes an encoded event to the results.
    """

    def __init__(
        self,
        lookups: Mapping[str, Lookup],
        graph_of: Callable[[Credential], ProfileGraph],
        avatars: Avatars,
        channels: Channels,
        publish: Callable[[bytes], Awaitable[None]],
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lookups = lookups
        self._graph_of = graph_of
        self._avatars = avatars
        self._channels = channels
        self._publish = publish
        self._clock = clock
        self._remembered = Remembered[UUID, Profile](REMEMBER_S, MAX_REMEMBERED, monotonic)
        self._turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    async def handle(self, command: ProfileCommand, message: Delivered) -> Verdict:
        """Done when the result is durable. Raises what `publish` raises."""
        turn = self._turns.setdefault(command.data.identity_id, asyncio.Lock())
        async with turn:
            outcome = await self._outcome(command)
        now = self._clock()
        if isinstance(outcome, Trouble):
            again = later(outcome, command, message.deliveries, now)
            count(STAGE, "failed" if again is None else "later", outcome.problem.kind)
            if again is not None:
                return again
        await self._publish(result(command, outcome, now))
        return Done()

    async def _outcome(self, command: ProfileCommand) -> Profile | Trouble:
        """One try, or what a try of the last hour came to."""
        data = command.data
        known = self._remembered.get(data.identity_id)
        if known is not None:
            count(STAGE, "remembered")
            return known
        if self._clock() >= data.not_after:
            return TOO_LATE
        lookup = self._lookups.get(command.channel)
        wanted = lookup.alias if lookup else None
        person = next((alias.value for alias in data.aliases if alias.kind == wanted), None)
        if lookup is None or person is None:
            count(STAGE, "not_shown", "no_alias")
            return Profile()
        credential = self._channels.credential(command.channel, command.account)
        if credential is None:
            return NO_CHANNEL
        return await self._looked_up(command, credential, person, lookup)

    async def _looked_up(
        self, command: ProfileCommand, credential: Credential, person: str, lookup: Lookup
    ) -> Profile | Trouble:
        data = command.data
        try:
            graph = self._graph_of(credential)
            shown = await graph.profile(person, lookup.fields, credential.token)
        except NotSent as error:
            if error.kind not in NOT_SHOWN:
                return of_graph(error)
            count(STAGE, "not_shown", error.kind)
            self._remembered.put(data.identity_id, Profile())
            return Profile()
        avatar, url = None, _text(shown.get("profile_pic"))
        if url is not None:
            avatar = await self._avatars.keep(url, data.workspace_id, data.identity_id)
        profile = Profile(_name(shown), _text(shown.get("username")), avatar)
        if url is None or avatar is not None:
            self._remembered.put(data.identity_id, profile)
        count(STAGE, "found")
        return profile


def result(command: ProfileCommand, outcome: Profile | Trouble, at: datetime) -> bytes:
    """What inbox-core is told."""
    problem = outcome.problem if isinstance(outcome, Trouble) else None
    profile = Profile() if isinstance(outcome, Trouble) else outcome
    return batch.encode(
        ProfileResultEvent(
            **attributes(command, "profile", command.id, at),
            data=ProfileResult(
                workspace_id=command.data.workspace_id,
                identity_id=command.data.identity_id,
                name=profile.name,
                username=profile.username,
                avatar=profile.avatar,
                problem=problem,
            ),
        )
    )


def _name(shown: Mapping[str, Any]) -> str | None:
    """The full name; Messenger gives it in two halves, either of which may be missing."""
    halves = (_text(shown.get("first_name")), _text(shown.get("last_name")))
    return _text(shown.get("name")) or _text(" ".join(half for half in halves if half))


def _text(value: object) -> str | None:
    """A text somebody can read and a database can hold; None: absent, empty, too strange."""
    if not isinstance(value, str):
        return None
    return value.replace("\0", "").strip()[:MAX_TEXT] or None
