"""Messenger and Instagram webhooks, built: what the tests of ingest_meta and of whole paths post.

    body(PAGE_OBJECT, entry(PAGE, text(1), act(read={"watermark": ms(9)})))
    body(INSTAGRAM_OBJECT, entry(INSTAGRAM, *acts_of(IGSID, text(1, mid=ig_mid(1)))))

Numbers make ids and times, so that a test can say which message it means.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from typing import Any

PAGE_OBJECT = "page"
INSTAGRAM_OBJECT = "instagram"
PAGE = "108417215570412"
OTHER_PAGE = "233901184402765"
INSTAGRAM = "17841459023716880"
OTHER_INSTAGRAM = "17841460117722054"
PSID = "7315206648820931"
IGSID = "1089226735514027"
APP = "604318827750911"
AT = 1790000000


def ms(number: int) -> int:
    """The time of message `number`, in milliseconds."""
    return (AT + number) * 1000 + 385


def mid(number: int) -> str:
    """As long as Messenger's: 88 characters."""
    return "m_" + _letters(f"messenger {number}", 86)


def ig_mid(number: int) -> str:
    """As long as Instagram's longest: 206 characters."""
    return "aWdfZAG1faXRlbTox" + _letters(f"instagram {number}", 189)


def _letters(seed: str, length: int) -> str:
    return urlsafe_b64encode(hashlib.shake_256(seed.encode()).digest(length)).decode()[:length]


def act(number: int = 1, *, person: str = PSID, account: str = PAGE, **what: Any) -> dict[str, Any]:
    """Something a person did, by the key that says what."""
    return {
        "sender": {"id": person},
        "recipient": {"id": account},
        "timestamp": ms(number),
        **what,
    }


def text(number: int = 1, words: str = "Hello", **fields: Any) -> dict[str, Any]:
    """A message to the page."""
    return act(number, message={"mid": mid(number), "text": words, **fields})


def echo(number: int = 1, words: str = "Hi there", **fields: Any) -> dict[str, Any]:
    """A message of the page."""
    message = {"mid": mid(number), "is_echo": True, "text": words, **fields}
    return act(number, person=PAGE, account=PSID, message=message)


def ig_text(number: int = 1, words: str = "Hello", **fields: Any) -> dict[str, Any]:
    """A message to the Instagram account."""
    message = {"mid": ig_mid(number), "text": words, **fields}
    return act(number, person=IGSID, account=INSTAGRAM, message=message)


def entry(account: str, *acts: Any, number: int = 1, **fields: Any) -> dict[str, Any]:
    """An account's entry. Without acts only what `fields` says stands in it."""
    messaging = {"messaging": list(acts)} if acts else {}
    return {"id": account, "time": ms(number) + 214, **messaging, **fields}


def webhook(name: str, *entries: Any) -> dict[str, Any]:
    return {"object": name, "entry": list(entries)}


def body(name: str, *entries: Any) -> bytes:
    return json.dumps(webhook(name, *entries)).encode()
