"""Dead letters: what a service cannot use is laid down with its original bytes, never dropped.

Written by the consumers and by adapters (a body nobody can parse). Read by `sluice dead` and by
inbox-core when an unknown channel appears; see `bus.letters`.
"""

import re
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import quote

from bus.errors import Permanent
from bus.outcomes import OUTCOMES
from bus.ports import Publisher
from contracts import subjects

Shape = Literal["event", "message"]
"""`event`: the body is one item of a batch. `message`: it is a whole body as it came."""

MAX_DETAIL = 500
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_PRINTABLE = " !#$&'()*+,/:;<=>?@[]^`{|}~\"\\"


class DeadLetters:
    """One service's writer of dead letters."""

    def __init__(self, publisher: Publisher, service: str) -> None:
        self._publisher = publisher
        self._service = _slug(service)

    async def put(
        self,
        reason: str,
        body: bytes,
        *,
        detail: str,
        subject: str,
        event_id: str | None = None,
        channel: str | None = None,
        account: str | None = None,
        sequence: int | None = None,
        deliveries: int | None = None,
        shape: Shape = "event",
        message_id: str | None = None,
    ) -> None:
        """Store one letter; returns when it is on disk.

        `reason` is a slug, `detail` a sentence without personal data, `subject` where a retry
        would publish it, empty when it never stood on the bus. `message_id` makes a repeat within
        the stream's duplicate window a no-op. Raises as Publisher.publish does.
        """
        headers = {
            "Sluice-Service": self._service,
            "Sluice-Reason": _slug(reason),
            "Sluice-Shape": shape,
            "Sluice-At": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "Sluice-Detail": detail[:MAX_DETAIL],
            "Sluice-Subject": subject,
            "Sluice-Event-Id": event_id,
            "Sluice-Channel": channel,
            "Sluice-Account": account,
            "Sluice-Sequence": sequence,
            "Sluice-Deliveries": deliveries,
        }
        await self._publisher.publish(
            subjects.dead(self._service, reason),
            body,
            headers={
                name: quote(str(value), safe=_PRINTABLE)
                for name, value in headers.items()
                if value is not None and value != ""
            },
            message_id=message_id,
        )
        OUTCOMES.labels(self._service, "dead", reason).inc()


def _slug(text: str) -> str:
    """A token of a subject, or a Permanent error: a dot in it would escape its place."""
    if not _SLUG.fullmatch(text):
        raise Permanent(f"not a slug: {text!r}")
    return text
