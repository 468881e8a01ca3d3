"""What every frame is, and how much of it there may be."""

from pydantic import BaseModel, ConfigDict

MAX_FRAME_BYTES = 64 * 1024
"""Of a socket's text message. What is longer goes by POST."""
MAX_POSTED_BYTES = 2 * 1024 * 1024 + 64 * 1024
"""Of a posted frame: a text of MAX_TEXT_BYTES whose every second byte JSON escapes."""
MAX_TEXT_BYTES = 1024 * 1024
"""Of all texts of a message, in UTF-8."""


class Frame(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
