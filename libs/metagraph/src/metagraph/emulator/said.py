"""What a person can say or do, in words that are the same on every platform.

InboundMessage and PageMessage (inbound.py takes both) turn these into Meta's own fields; what the
words do not cover goes into `message` as it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from yarl import URL

from metagraph.emulator.media import File

ACTS = (
    "text", "media", "quick_reply", "postback", "reaction", "edit", "unsend", "message",
)  # fmt: skip
BESIDE_TEXT = frozenset({"media", "quick_reply"})
MAX_MEDIA = 30


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Choice(_Part):
    """A button or quick reply somebody chose."""

    payload: str = Field(max_length=1000)
    title: str | None = None


class Reaction(_Part):
    """An emoji on a message; without one the reaction is taken back."""

    message_id: str
    emoji: str | None = None


class Edit(_Part):
    """New words for an old message, the `times`th time."""

    message_id: str
    text: str
    times: int = Field(default=1, ge=1)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where files lie: by id, and the URLs webhooks give of them."""

    file: Callable[[str], File | None]
    link: Callable[[str], URL]
    cdn: Callable[[str], URL]

    def take(self, number: str) -> File:
        """The file. Raises ValueError."""
        found = self.file(number)
        if found is None:
            raise ValueError(f"there is no file {number}: put it in with POST media")
        return found


class Said(_Part):
    """One act of a person. `media` are ids of files; `text` may stand beside, as their caption.

    `unsend` names the message taken back, `reply_to` the one answered. Without `id` and
    `timestamp` (seconds) it gets both.
    """

    text: str | None = None
    media: tuple[str, ...] = Field(default=(), max_length=MAX_MEDIA)
    voice: bool = False
    quick_reply: Choice | None = None
    postback: Choice | None = None
    reaction: Reaction | None = None
    edit: Edit | None = None
    unsend: str | None = None
    message: dict[str, Any] | None = None
    reply_to: str | None = None
    referral: dict[str, Any] | None = None
    name: str | None = None
    id: str | None = None
    timestamp: int | None = None

    @model_validator(mode="after")
    def _one_act(self) -> Self:
        done = {act for act in ACTS if getattr(self, act) not in (None, ())}
        if not done or len(done - {"text"}) > 1 or (len(done) > 1 and not done & BESIDE_TEXT):
            raise ValueError(f"one of {', '.join(ACTS)} is needed; text may stand beside media")
        return self
