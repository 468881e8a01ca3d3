"""How much is measured: a full run, a quick one, and one so small that a test can run it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """`*_s` in seconds. Every round ends by its count or by its time, whichever is first."""

    rounds: int
    connections: int
    contacts: int
    warm_s: float
    post_s: float
    post_count: int
    """Webhooks of one round at the most."""
    stored_events: int
    """Events that lie in INBOUND when the worker starts."""
    screen_rate: float
    """Messages a second on their way to the screen."""
    screen_s: float
    screen_warm_s: float
    outage_count: int
    """Webhooks posted while NATS is down."""
    sockets: int
    """Of visitors of the widget, after `sockets_warm` that are not counted."""
    sockets_warm: int
    widget_rate: float
    """Messages a second beside them, half of them answers."""
    widget_s: float
    histories: int
    """Questions of visitors for their threads, in one round."""


SIZES: dict[str, Size] = {
    "full": Size(
        rounds=3, connections=128, contacts=2000, warm_s=1.0, post_s=3.0, post_count=90_000,
        stored_events=20_000, screen_rate=500, screen_s=6, screen_warm_s=2, outage_count=3000,
        sockets=5000, sockets_warm=100, widget_rate=500, widget_s=20,
        histories=4000,
    ),
    "quick": Size(
        rounds=1, connections=64, contacts=500, warm_s=0.5, post_s=1.5, post_count=45_000,
        stored_events=5000, screen_rate=500, screen_s=2, screen_warm_s=1, outage_count=500,
        sockets=5000, sockets_warm=100, widget_rate=500, widget_s=5,
        histories=1000,
    ),
    "tiny": Size(
        rounds=2, connections=4, contacts=10, warm_s=5, post_s=30, post_count=40,
        stored_events=40, screen_rate=50, screen_s=1, screen_warm_s=0.2, outage_count=20,
        sockets=20, sockets_warm=2, widget_rate=50, widget_s=1,
        histories=20,
    ),
}  # fmt: skip
"""`full` is `make bench`, `quick` is `--quick`; `tiny` is for tests, which judge no speed."""
