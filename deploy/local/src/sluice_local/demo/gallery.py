"""Every file of a run, downloaded once as a screen would, and known by its sha256.

Called by run.py before it counts. A file that is gone or refused has no digest: the message it
belongs to is then not whole.
"""

import asyncio
from collections.abc import Iterable
from hashlib import sha256

from sluice_local.demo.asking import Refused
from sluice_local.demo.inbox import Inbox
from sluice_local.demo.sightings import View, Witness, files_of

AT_ONCE = 8


class Gallery:
    """Fills `digests` of the witness."""

    def __init__(self, inbox: Inbox, witness: Witness) -> None:
        self._inbox = inbox
        self._digests = witness.digests

    async def visit(self, messages: Iterable[View]) -> None:
        """Download what of these messages was not seen yet."""
        wanted = {
            number
            for message in messages
            if message["direction"] == "inbound"
            for number in files_of(message["parts"])
        }
        hands = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(
            *(self._look(number, hands) for number in wanted.difference(self._digests))
        )

    async def _look(self, file_id: str, hands: asyncio.Semaphore) -> None:
        async with hands:
            try:
                content = await self._inbox.download(file_id)
            except Refused:
                return
            self._digests[file_id] = sha256(content).hexdigest()
