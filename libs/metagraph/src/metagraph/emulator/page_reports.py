"""What follows a send for a page or an Instagram account: its echo, then delivery and reading.

Called by graph_messages.py at acceptance. The echo comes before the call is answered or after it,
as EchoPlan says; both happen at Meta. The rest follows StatusPlan, in the platform's own words.
"""

import asyncio
import random
import time
from typing import Any

from yarl import URL

from metagraph.emulator import page_bodies
from metagraph.emulator.ledger import Entry
from metagraph.emulator.media import Files
from metagraph.emulator.names import PAGE
from metagraph.emulator.page_bodies import Event
from metagraph.emulator.page_sends import PageSend, attachments, file_id
from metagraph.emulator.settings import EchoPlan
from metagraph.emulator.statuses import Statuses, timetable
from metagraph.emulator.webhooks import Full, Origin, Unrouted, Webhook, Webhooks

ECHO_WAIT_S = 5.0
"""How long a call waits for an echo that is to arrive first."""


class PageReports:
    """Plans and submits these webhooks."""

    def __init__(
        self, plan: EchoPlan, statuses: Statuses, webhooks: Webhooks, files: Files
    ) -> None:
        self.plan = plan
        self._files = files
        self._statuses = statuses
        self._webhooks = webhooks
        self._random = random.Random()  # noqa: S311 - order and doubles, no secret

    async def report(self, entry: Entry, send: PageSend, origin: URL, *, silent: bool) -> None:
        """Submit what follows an entry; `silent`: nothing after the echo."""
        await self._echo(entry, send, origin)
        plan = self._statuses.plan
        for delay_s, name in () if silent else timetable(plan, plan.names, self._random):
            now_ms = int((time.time() + delay_s) * 1000)
            what = page_bodies.receipt(send.platform, name, entry.wamid, now_ms)
            if what is not None:
                account = entry.phone_number_id
                event = page_bodies.event(send.platform, account, entry.to, now_ms, what)
                self._submit(event, "status", delay_s)

    async def _echo(self, entry: Entry, send: PageSend, origin: URL) -> None:
        if self.plan.when == "off":
            return
        message = self._echoed(entry, send, origin)
        account, now_ms = entry.phone_number_id, int(time.time() * 1000)
        event = page_bodies.echo(send.platform, account, entry.to, now_ms, message)
        first = self.plan.when == "before"
        webhook = self._submit(event, "echo", 0.0 if first else self.plan.delay_s)
        if first and webhook is not None:
            await asyncio.wait([webhook.settled], timeout=ECHO_WAIT_S)

    def _echoed(self, entry: Entry, send: PageSend, origin: URL) -> dict[str, Any]:
        found: dict[str, Any] = {"mid": entry.wamid}
        if send.platform == PAGE or self.plan.marks_instagram:
            found["app_id"] = self.plan.app_id
            found |= {name: send.message[name] for name in ("metadata",) if name in send.message}
        if "text" in send.message:
            found["text"] = send.message["text"]
        parts = [self._part(one, origin) for one in attachments(send.message)]
        return found | ({"attachments": parts} if parts else {})

    def _submit(self, event: Event, origin: Origin, delay_s: float) -> Webhook | None:
        """What cannot be submitted is counted: the message was accepted all the same."""
        try:
            body = page_bodies.envelope([event])
            return self._webhooks.submit(event.object, body, origin, delay_s)
        except Unrouted:
            self._webhooks.count_lost("unrouted")
        except Full:
            self._webhooks.count_lost("dropped")
        return None

    def _part(self, attachment: dict[str, Any], origin: URL) -> dict[str, Any]:
        """An upload comes back as what it is, under a URL; everything else as it was sent."""
        number = file_id(attachment)
        if number is None:
            return attachment
        file = self._files.get(number)
        kind = file.family if file is not None else attachment["type"]
        return {"type": kind, "payload": {"url": str(origin / "_cdn" / number)}}
