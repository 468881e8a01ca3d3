"""A conversation as one who opens it sees it: its row, and where the person was who began it.

Made by adapters.postgres.reading; the list has rows alone (views.py).
"""

from pydantic import BaseModel

from inbox_core.app.devices import DeviceView
from inbox_core.app.views import ConversationView
from inbox_core.domain.source import Source


class SourceView(BaseModel):
    """The page a person wrote from, as their browser told; any of it may be a lie.

    Addresses are without credentials and fragments, and http or https. `ip`: the network alone,
    203.0.113.0/24. `utm`: the campaign, by source, medium, campaign, term, content.
    """

    page_url: str | None
    page_title: str | None
    referrer: str | None
    utm: dict[str, str]
    language: str | None
    time_zone: str | None
    screen: str | None
    ip: str | None
    device: DeviceView | None


class ConversationDetail(ConversationView):
    """One conversation. `source` null: it was not begun on a page."""

    source: SourceView | None


def source_view(source: Source, device: DeviceView | None) -> SourceView:
    """The user agent itself is shown as what it names."""
    return SourceView(
        page_url=source.page_url,
        page_title=source.page_title,
        referrer=source.referrer,
        utm=source.utm,
        language=source.language,
        time_zone=source.time_zone,
        screen=source.screen,
        ip=str(source.ip) if source.ip else None,
        device=device,
    )


def detail(row: ConversationView, source: SourceView | None) -> ConversationDetail:
    """The row with its source."""
    return ConversationDetail(**dict(row), source=source)
