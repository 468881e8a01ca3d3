"""What is stored: every message of this run, counted over REST as anybody could.

Called by run.py when all is quiet, and by the screen as its snapshot. Conversations come with the
newest message first, so those from before the run, and the older pages of a thread, are not read.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sluice_local.demo.inbox import Inbox

THREADS_AT_ONCE = 4
MARGIN = timedelta(seconds=30)
"""The platform's times are whole seconds, and its clock is not ours."""


@dataclass(frozen=True, slots=True)
class Stored:
    """By id, as REST answered."""

    conversations: dict[str, dict[str, Any]] = field(default_factory=dict)
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)


class Census:
    """Reads what was written since `since`."""

    def __init__(self, inbox: Inbox, since: datetime) -> None:
        self._inbox = inbox
        self._since = since - MARGIN

    async def threads(self) -> AsyncIterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
        """Each conversation written to since then, and its messages since then."""
        recent: list[dict[str, Any]] = []
        async for conversation in self._inbox.conversations():
            if _moment(conversation["last_message_at"]) < self._since:
                break
            recent.append(conversation)
            if len(recent) == THREADS_AT_ONCE:
                for thread in await self._read(recent):
                    yield thread
                recent = []
        for thread in await self._read(recent):
            yield thread

    async def all(self) -> Stored:
        """Everything since then, each once: rows that move up while pages turn are met again."""
        stored = Stored()
        async for conversation, messages in self.threads():
            stored.conversations[conversation["id"]] = conversation
            stored.messages.update((message["id"], message) for message in messages)
        return stored

    async def _read(
        self, conversations: list[dict[str, Any]]
    ) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
        threads = await asyncio.gather(*(self._thread(one["id"]) for one in conversations))
        return list(zip(conversations, threads, strict=True))

    async def _thread(self, conversation: str) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = []
        async for message in self._inbox.messages(conversation):
            if _moment(message["created_at"]) < self._since:
                break
            messages.append(message)
        return messages


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
