"""Menus: buttons, lists and links, as the channel has them, else as one another or as words. Pure.

Titles are never cut: a menu that does not fit becomes numbered lines. Called by app.compose.
"""

from collections.abc import Sequence
from typing import Any

from contracts.capabilities import ButtonLimits, Capabilities, ListLimits, TextLimit
from inbox_core.app.drafts import (
    Button,
    ButtonsDraft,
    Framed,
    LinkButtonDraft,
    ListDraft,
    Option,
    Section,
)
from inbox_core.app.pieces import Piece, degraded, degraded_texts, piece, texts
from inbox_core.app.splitting import split

LIST_OPENER = "Options"
"""What opens a list that was meant as buttons."""


def carry_buttons(draft: ButtonsDraft, can: Capabilities) -> list[Piece]:
    """As buttons; as a list when they are too many; as numbered lines."""
    if can.buttons and _buttons_fit(draft.buttons, can.buttons):
        return _as_buttons(draft, draft.buttons, can, can.buttons)
    sections = [Section(rows=[Option(id=b.id, title=b.title) for b in draft.buttons])]
    if can.list and _list_fits(sections, LIST_OPENER, can.list):
        *before, last = _as_list(draft, sections, LIST_OPENER, can, can.list)
        return [*before, degraded(last, "buttons", _why(can.buttons, "buttons"))]
    return _numbered(draft, sections, can, "buttons", _why(can.buttons, "buttons"))


def carry_list(draft: ListDraft, can: Capabilities) -> list[Piece]:
    """As a list; as buttons when that loses no words; as numbered lines."""
    if can.list and _list_fits(draft.sections, draft.button, can.list):
        return _as_list(draft, draft.sections, draft.button, can, can.list)
    plain = _plain(draft.sections)
    why = _why(can.list, "a list")
    if plain and can.buttons and _buttons_fit(plain, can.buttons):
        *before, last = _as_buttons(draft, plain, can, can.buttons)
        return [*before, degraded(last, "list", why)]
    return _numbered(draft, draft.sections, can, "list", why)


def carry_link_button(draft: LinkButtonDraft, can: Capabilities) -> list[Piece]:
    """As a button, else as words and the address."""
    limits = can.buttons
    known = "link_button" in can.kinds
    if known and (limits is None or len(draft.title) <= limits.title):
        body, header, footer = (
            (limits.body, limits.header, limits.footer) if limits else (can.text.max, 0, 0)
        )
        before, text, frame = _framed(draft, can, body, header, footer)
        data = {"title": draft.title, "url": draft.url, **frame}
        return [*before, piece("link_button", text, data=data)]
    words = _lines(draft.header, draft.text, f"{draft.title}: {draft.url}", draft.footer)
    return degraded_texts(words, can, "link_button", _why(known or None, "buttons with a link"))


def _why(limits: object, what: str) -> str:
    if limits is None:
        return f"This channel has no {what.removeprefix('a ')}."
    return f"This channel cannot show {what} as large as this."


def _buttons_fit(buttons: Sequence[Button], limits: ButtonLimits) -> bool:
    return len(buttons) <= limits.max and all(
        len(one.title) <= limits.title and len(one.id) <= limits.id for one in buttons
    )


def _list_fits(sections: Sequence[Section], opener: str, limits: ListLimits) -> bool:
    rows = [row for section in sections for row in section.rows]
    # A platform that takes several sections wants a title on each of them.
    titled = len(sections) == 1 or all(section.title for section in sections)
    return (
        titled
        and len(sections) <= limits.sections
        and len(rows) <= limits.rows
        and len(opener) <= limits.button
        and all(len(section.title or "") <= limits.title for section in sections)
        and all(
            len(row.title) <= limits.title
            and len(row.description or "") <= limits.description
            and len(row.id) <= limits.id
            for row in rows
        )
    )


def _plain(sections: Sequence[Section]) -> list[Button]:
    """The rows as buttons; none when titles or descriptions would be lost."""
    rows = [row for section in sections for row in section.rows]
    if any(section.title for section in sections) or any(row.description for row in rows):
        return []
    return [Button(id=row.id, title=row.title) for row in rows]


def _as_buttons(
    draft: Framed, buttons: Sequence[Button], can: Capabilities, limits: ButtonLimits
) -> list[Piece]:
    before, text, frame = _framed(draft, can, limits.body, limits.header, limits.footer)
    data: dict[str, Any] = {"buttons": [{"id": b.id, "title": b.title} for b in buttons], **frame}
    return [*before, piece("buttons", text, data=data)]


def _as_list(
    draft: Framed, sections: Sequence[Section], opener: str, can: Capabilities, limits: ListLimits
) -> list[Piece]:
    before, text, frame = _framed(draft, can, limits.body, limits.header, limits.footer)
    data: dict[str, Any] = {
        "button": opener,
        "sections": [section.model_dump(exclude_none=True, mode="json") for section in sections],
        **frame,
    }
    return [*before, piece("list", text, data=data)]


def _framed(
    draft: Framed, can: Capabilities, body: int, header: int, footer: int
) -> tuple[list[Piece], str, dict[str, str]]:
    """What goes before as plain text, the body, and the frame's lines the channel shows.

    A line that does not fit stands in the text; a text too long for a body sends its end as one.
    """
    frame: dict[str, str] = {}
    above = below = None
    if draft.header and len(draft.header) <= header:
        frame["header"] = draft.header
    else:
        above = draft.header
    if draft.footer and len(draft.footer) <= footer:
        frame["footer"] = draft.footer
    else:
        below = draft.footer
    *leading, end = split(_lines(above, draft.text, below), can.text)
    *rest, tail = split(end, TextLimit(max=body))
    return [found for words in [*leading, *rest] for found in texts(words, can)], tail, frame


def _numbered(
    draft: Framed, sections: Sequence[Section], can: Capabilities, source: str, why: str
) -> list[Piece]:
    """The question, and its options as numbered lines."""
    lines = []
    number = 0
    for section in sections:
        lines += [section.title] if section.title else []
        for row in section.rows:
            number += 1
            said = f"{row.title}: {row.description}" if row.description else row.title
            lines.append(f"{number}. {said}")
    words = _lines(draft.header, draft.text, "\n".join(lines), draft.footer)
    return degraded_texts(words, can, source, why)


def _lines(*paragraphs: str | None) -> str:
    """Paragraphs, those there are."""
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
