"""Cards: places, addresses, templates and messages of the platform's own form. Pure.

Called by app.compose.
"""

from contracts.capabilities import Capabilities
from inbox_core.app.drafts import (
    Card,
    ContactsDraft,
    LocationDraft,
    PlatformDraft,
    TemplateDraft,
)
from inbox_core.app.pieces import Piece, degraded_texts, piece
from inbox_core.domain.errors import NotSendable

MAP = "https://www.google.com/maps/search/?api=1&query="
"""Opens the map's application where there is one; unlike geo: it is a link in every chat."""


def carry_location(draft: LocationDraft, can: Capabilities) -> list[Piece]:
    """As a place, else its name, its address and a link to a map."""
    if "location" in can.kinds:
        place = {"name": draft.name, "address": draft.address}
        data = {
            "latitude": draft.latitude,
            "longitude": draft.longitude,
            **{name: value for name, value in place.items() if value},
        }
        return [piece("location", data=data)]
    link = f"{MAP}{draft.latitude:.6f},{draft.longitude:.6f}"
    words = "\n".join(line for line in (draft.name, draft.address, link) if line)
    return degraded_texts(words, can, "location", "This channel sends no places.")


def carry_contacts(draft: ContactsDraft, can: Capabilities) -> list[Piece]:
    """As address cards, else their lines as words."""
    if "contacts" in can.kinds:
        cards = [card.model_dump(exclude_defaults=True, mode="json") for card in draft.contacts]
        return [piece("contacts", data={"contacts": cards})]
    words = "\n\n".join(_written(card) for card in draft.contacts)
    return degraded_texts(words, can, "contacts", "This channel sends no address cards.")


def carry_template(draft: TemplateDraft, can: Capabilities) -> list[Piece]:
    """As it is. Raises NotSendable where there are no templates."""
    if not can.templates:
        raise NotSendable("This channel has no templates.")
    data = {"name": draft.name, "language": draft.language, "components": draft.components}
    return [piece("template", draft.text, data=data)]


def carry_platform(draft: PlatformDraft, can: Capabilities) -> list[Piece]:
    """As it is. Raises NotSendable where nothing of the platform's own goes."""
    if "platform" not in can.kinds:
        raise NotSendable("This channel takes no messages in the platform's own form.")
    return [piece("platform", draft.text, data=dict(draft.message))]


def _written(card: Card) -> str:
    phones = [f"{one.type}: {one.phone}" if one.type else one.phone for one in card.phones]
    return "\n".join([card.name, *([card.org] if card.org else []), *phones, *card.emails])
