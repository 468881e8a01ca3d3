"""THE table of what files may be: how large, and of which types never. Used by copying.py.

Sizes are Meta's own, "Supported media types" of the WhatsApp Cloud API and "Attachments" of the
Messenger Platform, rounded up to binary units: they bound what a link can make us take in, and
must not refuse what a platform let through.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contracts.subjects import MIB

PROGRAMS = frozenset(
    {
        "application/x-msdownload",
        "application/x-dosexec",
        "application/vnd.microsoft.portable-executable",
        "application/x-executable",
        "application/x-mach-binary",
        "application/x-msi",
    }
)
"""Never stored: an inbox is no way to hand a program to whoever opens it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes: `other` for whatever `families`, by the first half of the declared type, leave out."""

    other: int
    families: Mapping[str, int] = field(default_factory=dict)

    def max_bytes(self, declared: str | None, filename: str | None) -> int:
        """For a file said to be of this type. Only documents bring a name of their own.

        A film sent as a document is a document: its sender chose so because it is large.
        """
        if filename:
            return self.other
        return self.families.get((declared or "").partition("/")[0].lower(), self.other)


WHATSAPP = Limits(
    other=100 * MIB, families={"image": 16 * MIB, "audio": 16 * MIB, "video": 16 * MIB}
)
META = Limits(other=25 * MIB)
"""Messenger and Instagram: 25 MB whatever it is."""

AVATAR_BYTES = 5 * MIB
