"""A clock that is moved by hand."""


class Clock:
    """Seconds since the epoch, until moved."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += seconds
