"""The heads of a visitor's threads: which conversations are theirs, and how far those go. Pure.

Kept by a line from what history told; what a client says of a conversation is held against it.
"""

from collections.abc import Sequence
from uuid import UUID

from contracts.rpc import HistoryThread


class Heads:
    """`newest_open`: the conversation that goes on now, if one does."""

    __slots__ = ("_last", "newest_open")

    def __init__(self, threads: Sequence[HistoryThread]) -> None:
        self._last = {thread.id: thread.last_seq for thread in threads}
        self.newest_open: UUID | None = next((one.id for one in threads if one.open), None)

    def __contains__(self, conversation: UUID) -> bool:
        return conversation in self._last

    def last(self, conversation: UUID) -> int:
        """The last place of it that the visitor may know of."""
        return self._last.get(conversation, 0)

    def reached(self, conversation: UUID, seq: int) -> None:
        """Live news came from there."""
        self._last[conversation] = max(seq, self.last(conversation))
