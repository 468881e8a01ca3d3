"""What fetching a file can come to, apart from the file, and what follows. Raised by download.py.

FATES is the policy: a new link, another try with the same one, or the end.
"""

from dataclasses import dataclass
from typing import Literal

Reason = Literal[
    "wrong_origin", "blocked_address", "too_large", "encoded", "redirected",
    "expired", "refused", "busy", "unreachable", "interrupted", "timeout",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fate:
    """What follows: `refetch` the link, or try again after `delay_s` seconds; else give up."""

    sentence: str
    refetch: bool = False
    delay_s: float | None = None


FATES: dict[Reason, Fate] = {
    "wrong_origin": Fate("The file does not lie with Meta."),
    "blocked_address": Fate("The file does not lie on the public internet."),
    "too_large": Fate("The file is larger than may be stored."),
    "encoded": Fate("The file came in a form that was not asked for."),
    "redirected": Fate("The file's link leads from one place to the next.", refetch=True),
    "expired": Fate("The link to the file has expired.", refetch=True),
    "refused": Fate("Meta does not give the file out."),
    "busy": Fate("Meta cannot give the file out now.", delay_s=30),
    "unreachable": Fate("The place of the file could not be reached.", delay_s=5),
    "interrupted": Fate("The file did not come to its end.", delay_s=5),
    "timeout": Fate("The file took too long to come.", delay_s=30),
}


class DownloadError(Exception):
    """No file. `str()` is safe to log: it holds no URL. Its `fate` is the row of FATES."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason} ({detail})" if detail else reason)
        self.reason: Reason = reason
        self.fate = FATES[reason]

    @property
    def refetch(self) -> bool:
        """Whether a new link may lead to the file."""
        return self.fate.refetch

    @property
    def retry(self) -> bool:
        """Whether the same link may lead to it later, after `delay_s` seconds."""
        return self.fate.delay_s is not None

    @property
    def delay_s(self) -> float:
        """Seconds to wait before the same link is tried again."""
        return self.fate.delay_s or 0.0

    @property
    def sentence(self) -> str:
        """For the person who reads the conversation."""
        return self.fate.sentence
