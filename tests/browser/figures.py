"""docs/results/widget.md: the figures of the long run, written by `make widget-runs`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from browser.talks import Step

HEADER = """# Runs of the widget under faults

Written by `make widget-runs`: visitors in a real Chromium and a team at the inbox talk by scripts
made of seeds, while pages are loaded anew, tabs opened and closed, files sent, the network cut,
sockets refused by a proxy, and the gateway and NATS ended with `kill -9`. Afterwards every word
must be in the team's thread and in every tab of the visitor once, in order, and nothing else.
"""
COLUMNS = (
    "seeds", "visitors' words", "answers", "reloads", "tabs", "uploads", "offline",
    "sockets refused", "gateway killed", "NATS killed", "wrong", "seconds",
)  # fmt: skip


@dataclass(frozen=True)
class Batch:
    """Talks that were held together. `wrong`: how many of them lost, doubled or turned a word."""

    seeds: str
    said: int
    answered: int
    steps: list[Step]
    struck: Counter[str] = field(default_factory=Counter)
    wrong: int = 0
    took_s: float = 0.0

    def row(self) -> list[str]:
        """As COLUMNS has it."""
        kinds = Counter(step.kind for step in self.steps)
        offline_s = sum(step.seconds for step in self.steps)
        figures = (
            self.seeds, self.said, self.answered, kinds["reload"], kinds["tab"] + kinds["close"],
            kinds["upload"], f"{kinds['offline']} ({offline_s:.0f} s)", kinds["sockets"],
            self.struck["widget-gateway"], self.struck["nats"], self.wrong, f"{self.took_s:.0f}",
        )  # fmt: skip
        return [str(figure) for figure in figures]

    def told(self) -> str:
        """A line for whoever watches."""
        return " · ".join(
            f"{name} {figure}" for name, figure in zip(COLUMNS, self.row(), strict=True)
        )


def together(batches: Sequence[Batch]) -> Batch:
    """All of them as one row."""
    return Batch(
        seeds="together",
        said=sum(batch.said for batch in batches),
        answered=sum(batch.answered for batch in batches),
        steps=[step for batch in batches for step in batch.steps],
        struck=sum((batch.struck for batch in batches), Counter()),
        wrong=sum(batch.wrong for batch in batches),
        took_s=sum(batch.took_s for batch in batches),
    )


def rows(batches: Sequence[Batch]) -> list[list[str]]:
    """Of the table, as COLUMNS has it."""
    return [batch.row() for batch in (*batches, together(batches))]
