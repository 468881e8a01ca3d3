"""Whatever is sent by whatever channel: every part within its limits, and no word lost."""

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts.capabilities import ButtonLimits, Capabilities, ListLimits, TextLimit
from inbox_core.app.compose import compose
from inbox_core.app.drafts import Button, ButtonsDraft, ListDraft, Option, Section, TextDraft
from inbox_core.app.splitting import fits
from support.capable import capable

SIZES = st.integers(20, 60)
PROSE = st.lists(
    st.sampled_from(["one", "zwei", "trois", "käse", "日本語", "a.", "\n\n"]), min_size=1
)
TEXTS = PROSE.map(" ".join).filter(lambda words: bool(words.strip()))
TITLES = st.text("abc de", min_size=1, max_size=30).filter(lambda words: bool(words.strip()))
LINES = st.none() | TITLES


@st.composite
def channels(draw: st.DrawFn) -> Capabilities:
    limits: dict[str, Any] = {"title": draw(SIZES), "body": draw(SIZES), "id": 10}
    frame = {"header": draw(st.integers(0, 20)), "footer": draw(st.integers(0, 20))}
    buttons = ButtonLimits(max=draw(st.integers(1, 4)), **limits, **frame)
    rows = ListLimits(
        sections=2, rows=draw(st.integers(1, 8)), button=draw(SIZES), description=20,
        **limits, **frame,
    )  # fmt: skip
    unit = draw(st.sampled_from(["characters", "bytes"]))
    return capable(
        text=TextLimit(max=draw(SIZES), unit=unit),
        buttons=draw(st.sampled_from([buttons, None])),
        list=draw(st.sampled_from([rows, None])),
    )


@st.composite
def menus(draw: st.DrawFn) -> ButtonsDraft | ListDraft:
    titles = draw(st.lists(TITLES, min_size=1, max_size=6))
    frame: dict[str, Any] = {"text": draw(TEXTS), "header": draw(LINES), "footer": draw(LINES)}
    if draw(st.booleans()):
        buttons = [Button(id=f"b{n}", title=title) for n, title in enumerate(titles)]
        return ButtonsDraft(type="buttons", buttons=buttons, **frame)
    rows = [
        Option(id=f"r{n}", title=title, description=draw(LINES)) for n, title in enumerate(titles)
    ]
    return ListDraft(type="list", button=draw(TITLES), sections=[Section(rows=rows)], **frame)


def said(piece: dict[str, Any]) -> str:
    """All its words, wherever they stand."""
    data = piece.get("data", {})
    rows = [row for section in data.get("sections", ()) for row in section["rows"]]
    titles = [line for row in [*rows, *data.get("buttons", ())] for line in
              (row["title"], row.get("description", ""))]  # fmt: skip
    return "".join([data.get("header", ""), piece.get("text", ""), data.get("footer", ""), *titles])


def within(piece: dict[str, Any], can: Capabilities) -> bool:
    text, data = piece["text"], piece.get("data", {})
    if not fits(text, can.text):
        return False
    match piece["kind"], can.buttons, can.list:
        case "text", _, _:
            return True
        case "buttons", ButtonLimits() as limits, _:
            options = data["buttons"]
            return len(text) <= limits.body and len(options) <= limits.max and framed(data, limits)
        case "list", _, ListLimits() as limits:
            rows = data["sections"][0]["rows"]
            return len(text) <= limits.body and len(rows) <= limits.rows and framed(data, limits)
        case _:
            return False


def framed(data: dict[str, Any], limits: ButtonLimits | ListLimits) -> bool:
    header, footer = data.get("header", ""), data.get("footer", "")
    return len(header) <= limits.header and len(footer) <= limits.footer


@given(menus(), TEXTS, channels())
def test_every_part_is_within_its_limits_and_no_word_is_lost(
    menu: ButtonsDraft | ListDraft, text: str, can: Capabilities
) -> None:
    pieces = compose([TextDraft(type="text", text=text), menu], can, {})
    assert all(within(piece, can) for piece in pieces)
    assert letters(text + asked(menu)) <= letters("".join(said(piece) for piece in pieces))


def asked(menu: ButtonsDraft | ListDraft) -> str:
    rows: list[Button] | list[Option]
    rows = menu.buttons if isinstance(menu, ButtonsDraft) else menu.sections[0].rows
    titles = [line for row in rows for line in (row.title, getattr(row, "description", None))]
    return "".join(line for line in (menu.text, menu.header, menu.footer, *titles) if line)


def letters(words: str) -> Counter[str]:
    """How often each occurs: where it stands depends on the channel."""
    return Counter("".join(words.split()))
