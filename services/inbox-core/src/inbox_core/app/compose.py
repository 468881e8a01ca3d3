"""Compose: what a person wants to send becomes the parts the channel can carry. Pure.

One part is one provider call; the order of the drafts is kept. What a channel has no form for
becomes words, and says so (pieces.degraded); what words cannot stand for is refused with the limit
it breaks. Called by app.reply.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from contracts.capabilities import Capabilities
from inbox_core.app import attachments, cards, menus
from inbox_core.app.drafts import (
    AnyDraft,
    ButtonsDraft,
    ContactsDraft,
    FileDraft,
    LinkButtonDraft,
    ListDraft,
    LocationDraft,
    PlatformDraft,
    TemplateDraft,
    TextDraft,
)
from inbox_core.app.pieces import Piece, texts
from inbox_core.domain.errors import NotSendable
from inbox_core.domain.files import File

MAX_PIECES = 100
"""Provider calls of one message."""


def compose(
    drafts: Sequence[AnyDraft], can: Capabilities, files: Mapping[UUID, File]
) -> list[Piece]:
    """The parts to send. `files` holds every file the drafts name.

    Raises NotSendable with a pointer to the draft that the channel cannot carry.
    """
    pieces: list[Piece] = []
    for index, draft in enumerate(_captioned(drafts, can, files)):
        try:
            pieces += _carry(draft, can, files)
        except NotSendable as error:
            raise NotSendable(str(error), f"/parts/{index}") from None
    if len(pieces) > MAX_PIECES:
        raise NotSendable(
            f"This channel would need {len(pieces)} messages for it; {MAX_PIECES} are allowed."
        )
    return pieces


def _carry(draft: AnyDraft, can: Capabilities, files: Mapping[UUID, File]) -> list[Piece]:
    match draft:
        case TextDraft():
            return texts(draft.text, can)
        case FileDraft():
            return attachments.carry(draft, can, files)
        case ButtonsDraft():
            return menus.carry_buttons(draft, can)
        case ListDraft():
            return menus.carry_list(draft, can)
        case LinkButtonDraft():
            return menus.carry_link_button(draft, can)
        case LocationDraft():
            return cards.carry_location(draft, can)
        case ContactsDraft():
            return cards.carry_contacts(draft, can)
        case TemplateDraft():
            return cards.carry_template(draft, can)
        case PlatformDraft():
            return cards.carry_platform(draft, can)


def _captioned(
    drafts: Sequence[AnyDraft], can: Capabilities, files: Mapping[UUID, File]
) -> Sequence[AnyDraft]:
    """A single file with a single text is one message, where the text fits as its caption."""
    match sorted(drafts, key=lambda draft: draft.type):
        case [FileDraft(caption=None) as file, TextDraft(text=text)]:
            captioned = file.model_copy(update={"caption": text})
            kept = attachments.caption_fits(captioned, can, files)
            return [captioned] if kept else drafts
        case _:
            return drafts
