"""A provider's message id in a channel: the truth of deduplication, and a waiting room.

Whoever comes first (message, status, send result, edit, reaction) makes the row. What came before
its message is held here and applied in the message's own transaction.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from inbox_core.domain.delivery import Delivery, Rank
from inbox_core.domain.message import Message, Parts, words


class RefKey(NamedTuple):
    """The key of a row, in the order its locks are taken."""

    workspace_id: UUID
    channel_id: UUID
    provider_id: str


@dataclass(slots=True)
class Reference:
    """`held`: what waits for the message. `echo_until`: how long an echo among it may wait."""

    key: RefKey
    message_id: UUID | None = None
    attempt: int = 1
    part: int = 0
    held: dict[str, Any] | None = None
    echo_until: datetime | None = None

    def hold_status(self, rank: Rank, at: datetime, problem: dict[str, Any] | None) -> None:
        """Keep the most advanced status until the message is known."""
        held = self.held or {}
        if rank > held.get("status", {}).get("rank", -1):
            held["status"] = {"rank": int(rank), "at": at.isoformat(), "problem": problem}
        self.held = held

    def hold_edit(self, at: datetime, parts: Parts) -> None:
        held = self.held or {}
        before = held.get("edit", {"at": "", "parts": []})
        if (at.isoformat(), words(parts)) > (before["at"], words(before["parts"])):
            held["edit"] = {"at": at.isoformat(), "parts": parts}
        self.held = held

    def hold_deletion(self, at: datetime) -> None:
        held = self.held or {}
        held["deleted_at"] = min(at.isoformat(), held.get("deleted_at", "9999"))
        self.held = held

    def hold_reaction(self, by: str, emoji: str | None, at: datetime) -> None:
        held = self.held or {}
        reactions = held.setdefault("reactions", {})
        before = reactions.get(by, {"at": "", "emoji": ""})
        if (at.isoformat(), emoji or "") > (before["at"], before["emoji"] or ""):
            reactions[by] = {"emoji": emoji, "at": at.isoformat()}
        self.held = held

    def hold_echo(self, event: dict[str, Any], identity: UUID, until: datetime) -> None:
        """Keep an echo that may be of a send of ours whose result has not come."""
        held = self.held or {}
        held["echo"] = {"event": event, "identity": str(identity)}
        self.held, self.echo_until = held, self.echo_until or until

    def settle(self, message: Message, delivery: Delivery | None) -> bool:
        """The message is known: apply what waited; True when the message changed.

        An echo stored as a message keeps its status here, for the send it may turn out to be.
        """
        held, self.held, self.echo_until = self.held, None, None
        self.message_id = message.id
        if not held:
            return False
        if delivery is None and "status" in held:
            self.held = {"status": held["status"]}
        changed = False
        if delivery is not None and (status := held.get("status")):
            moment = datetime.fromisoformat(status["at"])
            changed |= delivery.advance(
                self.attempt, Rank(status["rank"]), moment, status["problem"]
            )
        if edit := held.get("edit"):
            changed |= message.edit(datetime.fromisoformat(edit["at"]), edit["parts"])
        for by, reaction in held.get("reactions", {}).items():
            moment = datetime.fromisoformat(reaction["at"])
            changed |= message.react(by, reaction["emoji"], moment)
        if deleted_at := held.get("deleted_at"):
            changed |= message.delete(datetime.fromisoformat(deleted_at))
        return changed
