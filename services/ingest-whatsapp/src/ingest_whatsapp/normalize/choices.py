"""What people press, pick and fill in: buttons, lists, forms. Used by content.py.

Echoes hold the other side of it, the questions: sent.py.
"""

from collections.abc import Callable, Mapping
from typing import Any

from adapter.fields import Malformed, Wire, identifier, mapping, sentence, time_of
from adapter.loading import load
from ingest_whatsapp.normalize import sent

MAX_WORDS = 4096


def button(body: dict[str, Any]) -> list[Wire]:
    """A quick reply of a template; its payload is what we gave the button, else its words."""
    pressed = mapping(body.get("button"))
    title = sentence(pressed.get("text"), MAX_WORDS)
    press = identifier(pressed.get("payload")) or title
    if press is None:
        raise Malformed
    return [_choice("template", press, title)]


def interactive(body: dict[str, Any]) -> list[Wire]:
    """The reply to an interactive message; of some resent ones WhatsApp leaves the reply out."""
    reply = mapping(body.get("interactive"))
    kind = reply.get("type") or next((key for key in REPLIES if key in reply), None)
    if not isinstance(kind, str):
        raise Malformed
    make = REPLIES.get(kind)
    if make is None:
        return [sent.interactive(kind, reply)]
    part = make(mapping(reply.get(kind)) or mapping(reply.get("action")))
    if words := sentence(mapping(reply.get("body")).get("text"), MAX_WORDS):
        part.setdefault("text", words)
    return [part]


def _button_reply(reply: dict[str, Any]) -> Wire:
    return _pressed("button", reply)


def _list_reply(reply: dict[str, Any]) -> Wire:
    part = _pressed("list", reply)
    if description := sentence(reply.get("description"), MAX_WORDS):
        part["data"]["description"] = description
    return part


def _pressed(source: str, reply: dict[str, Any]) -> Wire:
    title = sentence(reply.get("title"), MAX_WORDS)
    press = identifier(reply.get("id")) or title
    if press is None:
        raise Malformed
    return _choice(source, press, title)


def _choice(source: str, press: str, title: str | None) -> Wire:
    part: Wire = {"kind": "choice", "data": {"id": press, "source": source}}
    if title is not None:
        part["text"] = title
    return part


def _form(reply: dict[str, Any]) -> Wire:
    """A filled flow, an address, whatever next: the name is an open word.

    `response_json` is JSON in a string, and not always an object.
    """
    if not reply:
        raise Malformed
    data: Wire = {"response": _response(reply.get("response_json"))}
    if name := identifier(reply.get("name")):
        data["name"] = name
    part: Wire = {"kind": "form", "data": data}
    if words := sentence(reply.get("body"), MAX_WORDS):
        part["text"] = words
    return part


def _response(value: Any) -> Any:
    """The object, or its text as it came."""
    if not isinstance(value, str):
        return value
    try:
        found, _ = load(value.encode())
    except (ValueError, RecursionError):
        return value
    return found if isinstance(found, dict) else value


def _payment(reply: dict[str, Any]) -> Wire:
    """How a person chose to pay: the older form of a filled form."""
    if not reply:
        raise Malformed
    return {"kind": "form", "data": {"name": "payment_method", "response": reply}}


def _call_permission(reply: dict[str, Any]) -> Wire:
    data: Wire = {"response": identifier(reply.get("response"))}
    if data["response"] is None:
        raise Malformed
    if expires_at := time_of(reply.get("expiration_timestamp")):
        data["expires_at"] = expires_at
    if source := identifier(reply.get("response_source")):
        data["source"] = source
    return {"kind": "call_permission", "data": data}


def _product(reply: dict[str, Any]) -> Wire:
    """A product that the person sent from the catalog."""
    found = {
        "id": identifier(reply.get("product_retailer_id")) or identifier(reply.get("id")),
        "catalog_id": identifier(reply.get("catalog_id")),
        "title": sentence(reply.get("title")) or sentence(reply.get("name")),
        "image": sentence(reply.get("image_url"), MAX_WORDS),
    }
    if found["id"] is None:
        raise Malformed
    return {"kind": "product", "data": {key: value for key, value in found.items() if value}}


REPLIES: Mapping[str, Callable[[dict[str, Any]], Wire]] = {
    "button_reply": _button_reply,
    "list_reply": _list_reply,
    "nfm_reply": _form,
    "call_permission_reply": _call_permission,
    "product": _product,
    "payment_method": _payment,
}
"""`interactive.type` → part, made of the object under that name."""
