"""Sealing: a secret becomes text that only its own ring opens, and only where it belongs.

    ring = KeyRing.parse("channels", settings.vault_keys_channels.get_secret_value())
    place = Place(workspace_id, "channels", channel_id, "secret")
    sealed = seal(ring, token, place)
    token = unseal_text(ring, sealed, place)

Every value has a data key of its own (AES-256-GCM), wrapped by the ring's active key (AES-256-GCM).
Changing keys re-wraps 32 bytes and leaves the ciphertext alone. The text is

    sv1.<purpose>.<key id>.<nonce and wrapped data key>.<nonce and ciphertext>      (base64url)
"""

import base64
import binascii
import secrets
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.errors import NotSealed, Tampered, TooLarge, WrongPurpose
from vault.keyring import KEY_BYTES, KeyRing

VERSION = "sv1"
NONCE_BYTES = 12
TAG_BYTES = 16
MAX_PLAIN_BYTES = 64 * 1024
MAX_SEALED_CHARACTERS = 2 * MAX_PLAIN_BYTES
WRAPPED_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES


class Place(NamedTuple):
    """Where the sealed text is kept. It opens nowhere else."""

    workspace: UUID | str
    table: str
    row: UUID | str
    column: str


class _Sealed(NamedTuple):
    key_id: str
    wrapped: bytes
    body: bytes


def seal(ring: KeyRing, plain: str | bytes, place: Place) -> str:
    """The sealed text; another one each time. Raises TooLarge."""
    secret = plain.encode() if isinstance(plain, str) else plain
    if len(secret) > MAX_PLAIN_BYTES:
        raise TooLarge(f"{len(secret)} bytes; a secret has {MAX_PLAIN_BYTES} at the most")
    data_key = secrets.token_bytes(KEY_BYTES)
    body = _encrypt(data_key, secret, _place_bound(ring.purpose, place))
    return _write(ring, _wrap(ring, data_key), body)


def unseal(ring: KeyRing, sealed: str, place: Place) -> bytes:
    """The secret. Raises CannotUnseal: NotSealed, WrongPurpose, UnknownKey or Tampered."""
    parts = _read(ring, sealed)
    return _decrypt(_unwrap(ring, parts), parts.body, _place_bound(ring.purpose, place))


def unseal_text(ring: KeyRing, sealed: str, place: Place) -> str:
    """The secret as text, as it was sealed. Raises CannotUnseal."""
    try:
        return unseal(ring, sealed, place).decode()
    except UnicodeDecodeError:
        raise NotSealed("opened, but not text") from None


def rewrap(ring: KeyRing, sealed: str) -> str:
    """The same secret under the ring's active key; unchanged if it is already. Raises CannotUnseal.

    Needs no place and never sees the secret: only the data key is unwrapped and wrapped again.
    """
    parts = _read(ring, sealed)
    data_key = _unwrap(ring, parts)
    if parts.key_id == ring.active:
        return sealed
    return _write(ring, _wrap(ring, data_key), parts.body)


def _wrap(ring: KeyRing, data_key: bytes) -> bytes:
    return _encrypt(ring.key(ring.active), data_key, _bound("wrap", ring.purpose, ring.active))


def _unwrap(ring: KeyRing, parts: _Sealed) -> bytes:
    return _decrypt(
        ring.key(parts.key_id), parts.wrapped, _bound("wrap", ring.purpose, parts.key_id)
    )


def _encrypt(key: bytes, plain: bytes, bound: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound)


def _decrypt(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)
    except InvalidTag:
        raise Tampered("changed, or moved from another place") from None


def _place_bound(purpose: str, place: Place) -> bytes:
    return _bound("value", purpose, *(str(step) for step in place))


def _bound(*words: str) -> bytes:
    """Length before each word, so that no two lists of words look the same."""
    encoded = [word.encode() for word in (VERSION, *words)]
    return b"".join(len(word).to_bytes(4, "big") + word for word in encoded)


def _write(ring: KeyRing, wrapped: bytes, body: bytes) -> str:
    return ".".join((VERSION, ring.purpose, ring.active, _to_text(wrapped), _to_text(body)))


def _read(ring: KeyRing, sealed: str) -> _Sealed:
    if len(sealed) > MAX_SEALED_CHARACTERS:
        raise NotSealed("longer than any sealed text")
    segments = sealed.split(".")
    if len(segments) != 5 or segments[0] != VERSION:  # noqa: PLR2004 - see the module's form
        raise NotSealed(f"not a {VERSION} text of five segments")
    _, purpose, key_id, wrapped_text, body_text = segments
    if purpose != ring.purpose:
        raise WrongPurpose(f"sealed for another purpose than {ring.purpose!r}")
    wrapped, body = _from_text(wrapped_text), _from_text(body_text)
    if len(wrapped) != WRAPPED_BYTES or len(body) < NONCE_BYTES + TAG_BYTES:
        raise NotSealed("a segment has the wrong length")
    return _Sealed(key_id, wrapped, body)


def _to_text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _from_text(text: str) -> bytes:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise NotSealed("a segment is not base64url") from None
    if _to_text(raw) != text:  # spare bits set: two texts for one value
        raise NotSealed("a segment is not in its one form")
    return raw
