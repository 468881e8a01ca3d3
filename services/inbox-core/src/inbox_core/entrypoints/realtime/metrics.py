"""The figures of the realtime rim, each counted where it happens."""

from prometheus_client import Counter, Gauge, Histogram

SOCKETS = Gauge("sluice_realtime_sockets", "Open sockets, those that have yet to greet included")
POLLS = Gauge("sluice_realtime_polls", "Long polls that wait")
FRAMES = Counter("sluice_realtime_frames_total", "Frames sent to clients", ("type",))
STARTS = Counter("sluice_realtime_starts_total", "Connections that became ready", ("mode",))
RESETS = Counter("sluice_realtime_resets_total", "Clients told to fetch anew", ("reason",))
CLOSES = Counter("sluice_realtime_closes_total", "Sockets ended, by close code", ("code",))
REFUSED = Counter("sluice_realtime_refused_total", "Connections and polls refused", ("reason",))
TICKETS = Counter("sluice_realtime_tickets_total", "Tickets by what became of them", ("outcome",))
SIGNALS = Counter("sluice_realtime_signals_total", "Typing and presence", ("kind", "outcome"))
REPLAYS = Counter(
    "sluice_realtime_replayed_events_total", "Events of resumed connections, by source", ("source",)
)
UNREADABLE = Counter("sluice_realtime_unreadable_total", "Changes that could not be read")
LAG = Histogram(
    "sluice_realtime_fanout_lag_seconds",
    "From the time of a change to its fan-out",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
