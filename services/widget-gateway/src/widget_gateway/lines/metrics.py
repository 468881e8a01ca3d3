"""The figures of the lines, each counted where it happens."""

from prometheus_client import Gauge

from chassis.tally import Tally
from widget_gateway.lines.closing import KNOWN_CODES, Close

SOCKETS = Gauge("sluice_widget_sockets", "Open sockets, those that have yet to greet included")
POLLS = Gauge("sluice_widget_polls", "Long polls that wait")
HEARD_SUBJECTS = Gauge("sluice_widget_subjects", "Names of visitors whose live news are heard")
FRAMES = Tally("sluice_widget_frames", "Frames of clients, by type and outcome", ("t", "outcome"))
REFUSALS = Tally("sluice_widget_refusals", "Frames that were refused, by code", ("code",))
TOLD = Tally("sluice_widget_told_frames", "Frames told to clients, by type", ("t",))
PULLS = Tally("sluice_widget_pulls", "Histories asked of inbox-core, by outcome", ("outcome",))
NEWS = Tally("sluice_widget_news", "Live news heard, by kind and outcome", ("kind", "outcome"))
CLOSES = Tally("sluice_widget_closes", "Lines ended, by close code", ("code",))
CUTS = Tally("sluice_widget_cuts", "Sockets cut without a goodbye, by why", ("why",))


def closed(close: Close) -> None:
    """Count the end of a line."""
    CLOSES.add((str(close.code) if close.code in KNOWN_CODES else "other",))
