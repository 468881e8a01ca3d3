"""What inbox-core and other gateways tell, as frames for one visitor. Used by line.py.

Pure but for the addresses of files, which end after a while.
"""

from collections.abc import Iterable
from uuid import UUID

from contracts.parts import Media, Part
from contracts.rpc import HistoryAnswer, HistoryMessage, HistoryThread
from widget_gateway.frames.told import Echo, FileView, Live, MessageView, PartView, ThreadView
from widget_gateway.lines.files import Files
from widget_gateway.lines.news import EchoNews, PartNews
from widget_gateway.lines.normalize import FILE, client_id, is_of
from widget_gateway.site.channels import Channel


class Views:
    """One a process."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def messages(
        self, channel: Channel, visitor_id: str, told: Iterable[HistoryMessage]
    ) -> tuple[MessageView, ...]:
        """`client` alone of those this very browser wrote."""
        return tuple(
            MessageView(
                id=one.id,
                conversation=one.conversation_id,
                seq=one.seq,
                at=one.at,
                by=one.by,
                author=one.author,
                client=client_id(visitor_id, one.external_id),
                parts=self.parts(channel, one.parts),
                deleted=one.deleted,
            )
            for one in told
        )

    def live(self, channel: Channel, news: PartNews) -> Live:
        """A part of an answer, the moment it was sent."""
        return Live(
            conversation=news.conversation,
            message=news.message,
            seq=news.seq,
            at=news.at,
            by=news.by,
            author=news.author,
            index=news.index,
            of=news.of,
            part=self.part(channel, news.part),
        )

    def echo(self, channel: Channel, news: EchoNews) -> Echo:
        """What the visitor wrote elsewhere."""
        return Echo(id=news.id, at=news.at, parts=self.parts(channel, news.parts))

    def parts(self, channel: Channel, parts: Iterable[Part]) -> tuple[PartView, ...]:
        return tuple(self.part(channel, part) for part in parts)

    def part(self, channel: Channel, part: Part) -> PartView:
        file = self._file(channel, part.media) if part.media else None
        return PartView(kind=part.kind, text=part.text, file=file, data=part.data)

    def _file(self, channel: Channel, media: Media) -> FileView:
        """Without an address when it is not there any more, or none of this workspace's."""
        stored = media.stored
        name = (stored.filename if stored else None) or media.filename
        mime_type = stored.mime_type if stored else media.mime_type
        size = stored.size if stored else media.size
        key = stored.key if stored else media.ref.removeprefix(FILE)
        url = None
        if (stored or media.ref.startswith(FILE)) and is_of(channel.workspace_id, key):
            url = self._files.address(key, name, mime_type, size)
        elif media.policy == "link" and media.ref.startswith("https://"):
            url = media.ref
        return FileView(url=url, name=name, mime_type=mime_type, size=size)


def threads(answer: HistoryAnswer, *, csat: bool) -> tuple[ThreadView, ...]:
    """`csat`: the site asks for stars."""
    return tuple(_thread(thread, csat=csat) for thread in answer.threads)


def cursors(known: dict[UUID, int], answer: HistoryAnswer) -> dict[UUID, int]:
    """Those after this answer; they move with messages alone."""
    moved = dict(known)
    for message in answer.messages:
        moved[message.conversation_id] = max(
            message.seq, moved.get(message.conversation_id, message.seq)
        )
    return moved


def _thread(thread: HistoryThread, *, csat: bool) -> ThreadView:
    return ThreadView(
        id=thread.id,
        open=thread.open,
        last=thread.last_seq,
        seen=thread.read_seq,
        at=thread.last_message_at,
        ask=csat and not thread.open and thread.rating is None,
        rating=thread.rating,
    )
