"""Key rings: the keys that wrap data keys, one ring a purpose, so that a service gets only its own.

A ring is written as JSON, in a setting such as SLUICE_VAULT_KEYS_CHANNELS:

    {"active": "2026-11", "keys": {"2026-11": "<32 bytes, base64>", "2025-04": "…"}}

The active key seals, every key unseals. To rotate: add a key and make it active, re-wrap what is
stored (seal.rewrap), then take the old key out.
"""

import base64
import binascii
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from vault.errors import BadKeyRing, UnknownKey

KEY_BYTES = 32
_WORD = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


@dataclass(frozen=True)
class KeyRing:
    """`keys`: id → 32 bytes. Ids and purpose are words of a-z, 0-9 and dashes, 32 at the most."""

    purpose: str
    active: str
    keys: Mapping[str, bytes] = field(repr=False)

    def __post_init__(self) -> None:
        for word in (self.purpose, *self.keys):
            if not _WORD.fullmatch(word):
                raise BadKeyRing(f"ring {self.purpose!r}: a purpose or key id is not a plain word")
        if any(len(key) != KEY_BYTES for key in self.keys.values()):
            raise BadKeyRing(f"ring {self.purpose!r}: every key is {KEY_BYTES} bytes")
        if self.active not in self.keys:
            raise BadKeyRing(f"ring {self.purpose!r}: the active key is not among the keys")

    @classmethod
    def parse(cls, purpose: str, text: str) -> "KeyRing":
        """The ring of a setting. Raises BadKeyRing, without quoting the setting."""
        try:
            ring = json.loads(text)
            keys = {
                name: base64.b64decode(key, validate=True) for name, key in ring["keys"].items()
            }
            active = ring["active"]
        except (ValueError, TypeError, KeyError, AttributeError, binascii.Error):
            raise BadKeyRing(f"ring {purpose!r}: not the JSON of a key ring") from None
        if not isinstance(active, str):
            raise BadKeyRing(f"ring {purpose!r}: the active key is named by its id")
        return cls(purpose, active, keys)

    @classmethod
    def new(cls, purpose: str, key_id: str) -> "KeyRing":
        """A ring with one fresh key."""
        return cls(purpose, key_id, {key_id: secrets.token_bytes(KEY_BYTES)})

    def with_new_key(self, key_id: str) -> "KeyRing":
        """The same ring with a fresh key, active from now on. Raises BadKeyRing for a known id."""
        if key_id in self.keys:
            raise BadKeyRing(f"ring {self.purpose!r}: key {key_id!r} exists")
        fresh = {key_id: secrets.token_bytes(KEY_BYTES)}
        return KeyRing(self.purpose, key_id, {**fresh, **self.keys})

    def active_first(self) -> list[bytes]:
        """Every key, the active one first: to sign with the first and verify with all."""
        older = [key for name, key in self.keys.items() if name != self.active]
        return [self.keys[self.active], *older]

    def key(self, key_id: str) -> bytes:
        """Raises UnknownKey."""
        try:
            return self.keys[key_id]
        except KeyError:
            raise UnknownKey(f"ring {self.purpose!r} has no key {key_id[:32]!r}") from None

    def dump(self) -> str:
        """The ring as a setting. Holds the keys: for a person who asked for them, never a log."""
        keys = {name: base64.b64encode(key).decode() for name, key in self.keys.items()}
        return json.dumps({"active": self.active, "keys": keys})
