"""Splitting: a text into pieces within a limit, at the best border there is. Pure.

Paragraphs are kept whole before lines, lines before sentences, sentences before words; a word
longer than a whole piece is cut between characters as people see them (extended grapheme clusters,
UAX 29), so that no flag, family or accented letter falls apart. Called by app.pieces.
"""

import regex

from contracts.capabilities import TextLimit

CLUSTER = regex.compile(r"\X")
_SPACE = r"(?:\s(?![\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]))"
BORDERS: tuple[tuple[regex.Pattern[str], float], ...] = (
    # where a piece may end; how full it has to be for that
    (regex.compile(rf"[^\S\n]*\n[^\S\n]*\n{_SPACE}*"), 0.5),
    (regex.compile(rf"[^\S\n]*\n{_SPACE}*"), 0.5),
    (regex.compile(rf"(?<=[.!?…]){_SPACE}+|(?<=[\u3002\uff01\uff1f])"), 0.5),
    (regex.compile(rf"{_SPACE}+"), 0.0),
)
"""What stands at a border, blanks and line ends, belongs to neither piece."""


def size(text: str, limit: TextLimit) -> int:
    """As the platform counts it."""
    return len(text.encode()) if limit.unit == "bytes" else len(text)


def fits(text: str, limit: TextLimit) -> bool:
    return size(text, limit) <= limit.max


def split(text: str, limit: TextLimit) -> list[str]:
    """Pieces within the limit; together all the words in their order. Unchanged when it fits."""
    if fits(text, limit):
        return [text]
    pieces = []
    rest = text.strip()
    while not fits(rest, limit):
        end, start = _cut(rest, limit)
        pieces.append(rest[:end])
        rest = rest[start:]
    return [piece for piece in [*pieces, rest] if piece.strip()]


def _cut(text: str, limit: TextLimit) -> tuple[int, int]:
    """Where the first piece ends, and where the next begins."""
    places = _places(text, limit)
    reach = max(places)
    window = text[: reach + 2]  # a border may begin where the piece is full
    for border, fill in BORDERS:
        least = max(1, int(reach * fill))
        found = [
            match
            for match in border.finditer(window)
            if least <= match.start() <= reach and match.start() in places
        ]
        if found:
            return found[-1].start(), max(found[-1].end(), _blank_until(text, found[-1].end()))
    return reach, reach


def _places(text: str, limit: TextLimit) -> set[int]:
    """The ends of whole clusters within the limit."""
    places: set[int] = set()
    used = 0
    for cluster in CLUSTER.finditer(text):
        used += size(cluster.group(), limit)
        if used > limit.max:
            break
        places.add(cluster.end())
    return places or {_within(text, limit)}


def _within(text: str, limit: TextLimit) -> int:
    """One cluster alone is too long: code points then, at least one."""
    end = 1
    while size(text[: end + 1], limit) <= limit.max:
        end += 1
    return end


_BLANK = regex.compile(rf"{_SPACE}*")


def _blank_until(text: str, start: int) -> int:
    """The window may end amid blanks: where they really end."""
    match = _BLANK.match(text, start)
    return match.end() if match else start
