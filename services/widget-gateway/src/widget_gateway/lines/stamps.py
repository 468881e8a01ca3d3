"""The time of a visitor's message: given once, kept through every repeat. Pure.

The gateway's clock decides at first acceptance. The client keeps the time with a tag that only we
make and brings both along when it has to repeat, maybe to another replica, so that a message that
was late in arriving twice is not younger than those after it.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from contracts.parts import rfc3339
from vault.signing import Signer
from widget_gateway.frames.said import Say

PURPOSE = "visitor-message"
STEP = timedelta(milliseconds=1)
MOST_AHEAD = timedelta(seconds=10)
"""How far the clock of another replica may run before ours."""
GOOD_FOR = timedelta(days=30)
"""A browser that was away for longer gets a new time."""


class Stamps:
    """`signer`: ring `visitors`."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def stamp(self, channel_id: UUID, visitor_id: str, say: Say, now: datetime) -> datetime:
        """Its time: the one it was given before, or now and after the message before it."""
        now = _whole(now)
        given = utc(say.at)
        if given is not None and say.mark is not None and now - GOOD_FOR < given:
            about = _about(channel_id, visitor_id, say.id, given)
            if self._signer.proves(PURPOSE, about, say.mark):
                return given
        after = utc(say.after)
        if after is None or after < now:
            return now
        return _whole(min(after, now + MOST_AHEAD)) + STEP

    def mark(self, channel_id: UUID, visitor_id: str, client_id: str, at: datetime) -> str:
        """The tag that goes with a time."""
        return self._signer.tag(PURPOSE, _about(channel_id, visitor_id, client_id, at))


def utc(moment: datetime | None) -> datetime | None:
    """A client's time in UTC, also one without a zone. None: none, or beyond the calendar."""
    if moment is None or moment.tzinfo is None:
        return moment and moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None


def _whole(moment: datetime) -> datetime:
    """In milliseconds, as the wire has it."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _about(channel_id: UUID, visitor_id: str, client_id: str, at: datetime) -> bytes:
    return f"{channel_id}\x1f{visitor_id}\x1f{client_id}\x1f{rfc3339(at)}".encode()
