"""What channel types can do: a book in memory, filled by what their adapters announce.

Written by adapters/bus/capabilities.py, which watches the bucket `capabilities`; read by whatever
loads a channel. Use cases ask `channel.can` and never the name of a type.
"""

from collections.abc import Mapping, Sequence

from contracts.capabilities import Capabilities, Rates, TextLimit

FALLBACK = Capabilities(
    channel="unknown",
    revision=0,
    address_kinds=(),
    text=TextLimit(max=1000, unit="bytes"),
    rates=Rates(account=10),
)
"""Of a type nobody has announced: short texts, slowly, and nothing else."""


class Book:
    """Channel type → what it can do. One a process, shared by its stores."""

    def __init__(self, known: Mapping[str, Capabilities] | None = None) -> None:
        self._known = dict(known or {})

    def of(self, channel_type: str) -> Capabilities:
        """FALLBACK when nobody announced the type."""
        known = self._known.get(channel_type)
        if known is None:
            return FALLBACK.model_copy(update={"channel": channel_type})
        return known

    def all(self) -> Sequence[Capabilities]:
        """Everything announced, by type."""
        return [self._known[channel_type] for channel_type in sorted(self._known)]

    def note(self, capabilities: Capabilities) -> None:
        """An adapter announced it. The last word counts, also after a release was taken back."""
        self._known[capabilities.channel] = capabilities

    def strike(self, channel_type: str) -> None:
        """Its announcement was taken back."""
        self._known.pop(channel_type, None)
