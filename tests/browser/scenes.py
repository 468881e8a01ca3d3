"""The scenes a visitor may see, as data: THE table of what is photographed and checked by axe.

Every time and every word in them is fixed, so that the same client makes the same picture.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from support.stage import Scene

NOW = "2026-11-20T14:32:00+01:00"
ZONE = "Europe/Berlin"
DESK = (900, 680)
PHONE = (390, 760)
LOOK: dict[str, Any] = {
    "title": "Lamps & Ladders",
    "greeting": "Hello! Ask us anything about lamps and ladders.",
}
LAMP = b"""<svg xmlns="http://www.w3.org/2000/svg" width="320" height="180" viewBox="0 0 320 180">
<rect width="320" height="180" fill="#f4e9d8"/><path d="M160 0v60" stroke="#444" stroke-width="4"/>
<path d="M110 110 140 60h40l30 50z" fill="#c8553d"/>
<circle cx="160" cy="118" r="14" fill="#ffd166"/>
</svg>"""


def message(seq: int, minute: int, by: str, *texts: str, **more: Any) -> dict[str, Any]:
    """A message of this afternoon."""
    parts = [{"kind": "text", "text": text} for text in texts]
    told = {
        "id": str(UUID(int=seq)), "seq": seq, "at": f"2026-11-20T13:{minute:02}:00Z", "by": by,
        "parts": parts, **more,
    }  # fmt: skip
    if by == "user":
        told.setdefault("author", "Ana")
    elif by == "contact":
        told["client"] = f"client-message-{seq:04}"
    return told


def picture(seq: int, minute: int, text: str) -> dict[str, Any]:
    """Of the team, with words below."""
    file = {"url": "/widget/v1/files/lamp.svg", "name": "Pendant lamp.svg",
            "mime_type": "image/svg+xml", "size": len(LAMP)}  # fmt: skip
    shown = message(seq, minute, "user", text)
    return {**shown, "parts": [{"kind": "image", "file": file}, *shown["parts"]]}


TALK = (
    message(1, 21, "contact", "Hi! Is the pendant lamp still there in red?"),
    message(2, 24, "user", "Good afternoon! Let me have a look in the store."),
    picture(3, 26, "It is, two of them: https://lamps.example/pendant-red"),
    message(4, 28, "contact", "Lovely, please keep one for me!"),
    message(5, 29, "user", "Done. It waits for you until Saturday evening."),
)
ARABIC = (
    message(1, 21, "contact", "مرحبا! هل المصباح الأحمر متوفر؟"),
    message(2, 24, "user", "مساء الخير! سأبحث في المخزن.", author="آنا"),
    message(3, 26, "user", "نعم، لدينا اثنان: https://lamps.example/pendant-red", author="آنا"),
    message(4, 28, "contact", "رائع، احجزوا لي واحدا!"),
)
ARABIC_LOOK = {"title": "مصابيح وسلالم", "greeting": "مرحبا! كيف يمكننا مساعدتك؟"}


@dataclass(frozen=True)
class Shot:
    """A scene and how it is looked at. `then`: what the visitor does before the picture."""

    scene: Scene
    size: tuple[int, int] = DESK
    page: Mapping[str, str] = field(default_factory=dict)
    scheme: Literal["light", "dark"] = "light"
    opened: bool = True
    phone: bool = False
    then: str | None = None


FILES = {"lamp.svg": LAMP}
THREAD_SCENE = Scene(LOOK, TALK, files=FILES)
RTL = {"direction": "rtl", "lang": "ar", "strict": "1"}
FORM = [{"name": "name", "required": True}, {"name": "email", "required": True},
        {"name": "phone", "required": False}]  # fmt: skip

SHOTS: Mapping[str, Shot] = {
    "launcher": Shot(THREAD_SCENE, opened=False),
    "greeting": Shot(Scene(LOOK)),
    "panel": Shot(Scene(LOOK, TALK, typing="Ana", files=FILES)),
    "dark": Shot(THREAD_SCENE, page={"more": 'data-theme="dark"'}, scheme="dark"),
    "rtl": Shot(Scene(ARABIC_LOOK, ARABIC), page=RTL),
    "mobile": Shot(THREAD_SCENE, size=PHONE, phone=True),
    "form": Shot(Scene({**LOOK, "form": FORM})),
    "form-mistakes": Shot(Scene({**LOOK, "form": FORM}), then="submit"),
    "stars": Shot(Scene(LOOK, TALK, thread={"open": False, "ask": True}, files=FILES), then="rate"),
    "unavailable": Shot(Scene(LOOK, unavailable="The chat is not available right now.")),
}
PICTURES = ("launcher", "panel", "dark", "rtl", "mobile", "form", "stars")
"""Those that go into the docs."""
