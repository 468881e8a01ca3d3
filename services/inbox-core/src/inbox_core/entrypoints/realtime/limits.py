"""Every bound of the realtime rim in one place; main() makes one from the settings."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Seconds end in `_s`, bytes in `_bytes`. The defaults are the protocol's own numbers."""

    max_sockets: int = 10_000
    max_sockets_each: int = 32
    """Of one person or token: more are an endless loop in a client."""
    max_polls: int = 2_000

    hello_s: float = 5.0
    heartbeat_s: float = 25.0
    dead_s: float = 60.0
    """Without a sign of life; browsers slow the timers of a hidden tab, so pings may be late."""
    lifetime_s: float = 12 * 3600
    close_grace_s: float = 5.0
    """For a client to read what is on its way and the close frame behind it."""
    typing_every_s: float = 3.0

    max_frame_bytes: int = 64 * 1024
    frames_per_s: float = 20.0
    burst: int = 40

    queue_frames: int = 1_000
    queue_bytes: int = 1 * MIB
    """What may wait for a client that reads too slowly."""
    queue_control: int = 256
    queue_signals: int = 64

    replay_events: int = 5_000
    replay_bytes: int = 5 * MIB
    page_messages: int = 64
    page_bytes: int = 256 * 1024
    replays_at_once: int = 16
    """Reads from the stream; a herd that comes back after a restart reads from memory."""

    recent_messages: int = 8_192
    recent_bytes: int = 32 * MIB
    """The newest changes, kept in memory once for all sockets."""
    recent_at_start: int = 256

    poll_wait_s: float = 25.0
    poll_events: int = 500
    poll_bytes: int = 1 * MIB
