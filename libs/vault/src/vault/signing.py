"""Signatures of what we hand out and take back: cursors, CSRF tokens, visitors' sessions.

HMAC-SHA-256 under the first key; every key verifies, so keys can be rotated. Each purpose signs
as if with a key of its own. Built in main() from a ring's keys, the active one first.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

SIGNATURE_BYTES = 16


class Signer:
    """`keys`: the one that signs first, then older ones that still verify."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise ValueError("a signer needs a key")
        self._keys = tuple(keys)

    def tag(self, purpose: str, data: bytes) -> str:
        """A tag over `data`: 22 characters of base64url."""
        return to_text(self._tags(purpose, data)[0])

    def proves(self, purpose: str, data: bytes, tag: str) -> bool:
        """Whether `tag` is one of ours. Takes the same time for each wrong one."""
        given = from_text(tag) or b""
        return _is_one_of(given, self._tags(purpose, data))

    def wrap(self, purpose: str, data: bytes) -> str:
        """`data` and its signature as one opaque word. Readable by anybody, made only by us."""
        return to_text(self._tags(purpose, data)[0] + data)

    def unwrap(self, purpose: str, word: str) -> bytes | None:
        """What `wrap` was given; None when the word is not ours."""
        raw = from_text(word)
        if raw is None or len(raw) <= SIGNATURE_BYTES:
            return None
        given, data = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
        return data if _is_one_of(given, self._tags(purpose, data)) else None

    def _tags(self, purpose: str, data: bytes) -> list[bytes]:
        bound = len(purpose).to_bytes(2, "big") + purpose.encode() + data
        return [hmac.digest(key, bound, hashlib.sha256)[:SIGNATURE_BYTES] for key in self._keys]


def _is_one_of(given: bytes, tags: Sequence[bytes]) -> bool:
    """Compares with every tag, so that the time tells nothing."""
    equal = [hmac.compare_digest(tag, given) for tag in tags]
    return any(equal)


def to_text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_text(text: str) -> bytes | None:
    """None for anything but base64url without padding."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
