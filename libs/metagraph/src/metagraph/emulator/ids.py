"""Ids of the shape Meta gives: opaque to everyone else, told apart by their randomness."""

import secrets
from base64 import b64encode, urlsafe_b64encode


def inbound_wamid(sender: str) -> str:
    """The id of a message a person sent."""
    return _wamid(sender, b"\x15\x02\x00\x12\x18\x14", 20)


def outbound_wamid(recipient: str) -> str:
    """The id of a message sent to a person."""
    return _wamid(recipient, b"\x15\x02\x00\x11\x18\x12", 18)


def mid(platform: str) -> str:
    """The id of a Messenger message, or of an Instagram one: longer than most columns."""
    if platform == "instagram":
        return f"aWdfZAG1{urlsafe_b64encode(secrets.token_bytes(120)).decode()}"
    return f"m_{secrets.token_urlsafe(66)}"


def token() -> str:
    """An access token."""
    return f"EMU{secrets.token_urlsafe(48)}"


def trace_id() -> str:
    """What Meta's support would ask for."""
    return f"A{secrets.token_urlsafe(16)}"


def _wamid(person: str, marks: bytes, digits: int) -> str:
    name = person.encode()[:255]
    unique = secrets.token_hex(digits // 2).upper().encode()
    whole = b"\x1c\x18" + bytes([len(name)]) + name + marks + unique + b"\x00"
    return f"wamid.{b64encode(whole).decode()}"
