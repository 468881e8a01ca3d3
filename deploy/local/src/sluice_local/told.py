"""A frame of the socket as a line a person can read. Pure; used by watch.py."""

from collections.abc import Iterator, Mapping
from typing import Any

View = Mapping[str, Any]

LINE = 240
"""Characters of a line; the rest of a long message is left out."""
ARROWS = {"inbound": "←", "outbound": "→", "internal": "·"}
CONTENT = {
    # kind: data → the words in place of text
    "location": lambda data: " ".join(
        (str(data.get("name") or ""), f"at {data.get('latitude')}, {data.get('longitude')}")
    ),
    "choice": lambda data: f"chose {data.get('id')}",
    "buttons": lambda data: " ".join(f"[{one['title']}]" for one in data.get("buttons", ())),
    "notice": lambda data: str(data.get("name", "")),
    "unsupported": lambda data: f"{data.get('kind')}: {data.get('why')}",
}


def told(frame: View) -> str | None:
    """The line; None for frames that only keep the connection."""
    if frame["t"] != "ev":
        return None if frame["t"] == "pong" else f"-- {frame['t']}"
    data = frame["data"]
    words = " ".join((_message(data) if "parts" in data else _other(data)).split())
    return f"{frame['type']:<26}{words if len(words) <= LINE else words[:LINE] + '…'}"


def _message(message: View) -> str:
    pieces = [ARROWS[message["direction"]], message["author"]["name"] or message["author"]["type"]]
    if message["deleted_at"]:
        pieces.append("(taken back)")
    pieces += [_part(part) for part in message["parts"]]
    if message["edited_at"]:
        pieces.append("(edited)")
    pieces += [f"{one['emoji']} by {one['name'] or one['by']}" for one in message["reactions"]]
    if message["delivery"]:
        pieces.append(_delivery(message["delivery"]))
    return " ".join(pieces)


def _part(part: View) -> str:
    kind, data = part["kind"], part.get("data") or {}
    tell = CONTENT.get(kind)
    pieces = [*_file(part), part.get("text") or "", tell(data) if tell else ""]
    words = " ".join(piece for piece in pieces if piece)
    return words if kind == "text" else f"<{kind}> {words}".rstrip()


def _file(part: View) -> Iterator[str]:
    media = part.get("media")
    if not media:
        return
    yield media["state"]
    if media["state"] == "failed" and media.get("problem"):
        yield f"({media['problem']['message']})"
    if media.get("size") is not None:
        yield f"{media['size']} bytes"
    if media["state"] == "ready":
        yield f"/files/{media['file_id']}"


def _delivery(delivery: View) -> str:
    problem = delivery.get("problem")
    return f"[{delivery['state']}{': ' + problem['message'] if problem else ''}]"


def _other(data: View) -> str:
    """A row of the list, a contact, a channel."""
    if "preview" in data:
        name, unread = data["contact"]["display_name"], data["unread_count"]
        return f"{data['channel']['type']} · {name} · {unread} unread · {data['preview']['text']}"
    return str(data.get("display_name") or data.get("name") or "")
