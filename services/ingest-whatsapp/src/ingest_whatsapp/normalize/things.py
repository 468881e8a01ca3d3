"""What is shared that is neither words nor a file: places, people, orders. Used by content.py."""

from typing import Any

from adapter.fields import Malformed, Wire, identifier, listed, mapping, number, sentence

CARD_LISTS = ("emails", "addresses", "urls", "ims")
CARD_WORDS = ("birthday", "vcard", "origin")
NAME_PARTS = ("prefix", "first_name", "middle_name", "last_name", "suffix")


def location(body: dict[str, Any]) -> list[Wire]:
    """A place; its coordinates come as numbers, now and then as text."""
    place = mapping(body.get("location"))
    latitude, longitude = number(place.get("latitude")), number(place.get("longitude"))
    if latitude is None or longitude is None:
        raise Malformed
    data: Wire = {"latitude": latitude, "longitude": longitude}
    data |= {key: place[key] for key in ("name", "address", "url") if _words(place.get(key))}
    return [{"kind": "location", "data": data}]


def contact_cards(body: dict[str, Any]) -> list[Wire]:
    """Every card of one message; a card may lack its name, or its numbers."""
    shared = body.get("contacts")
    cards = [shared] if isinstance(shared, dict) else listed(shared)
    found = [_card(card) for card in cards if card]
    if not found:
        raise Malformed
    data: Wire = {"contacts": found}
    if origin := sentence(body.get("origin")):
        data["origin"] = origin
    return [{"kind": "contacts", "data": data}]


def _card(value: Any) -> Wire:
    card = mapping(value)
    made: Wire = {}
    if name := _name(card.get("name")):
        made["name"] = name
    made["phones"] = [_phone(phone) for phone in listed(card.get("phones")) if phone]
    made |= {key: found for key in CARD_LISTS if (found := listed(card.get(key)))}
    made |= {key: card[key] for key in CARD_WORDS if _words(card.get(key))}
    if org := mapping(card.get("org")):
        made["org"] = org
    return made


def _name(value: Any) -> str | None:
    """The whole name, or what there is of it."""
    name = mapping(value)
    parts = " ".join(name[key].strip() for key in NAME_PARTS if _words(name.get(key)))
    return sentence(name.get("formatted_name")) or sentence(parts) or sentence(value)


def _phone(value: Any) -> Wire:
    phone = mapping(value)
    found = {key: identifier(phone.get(key)) for key in ("phone", "type", "wa_id", "user_id")}
    return {key: text for key, text in found.items() if text}


def order(body: dict[str, Any]) -> list[Wire]:
    """Products put into the cart and sent."""
    placed = mapping(body.get("order"))
    items = [_product(item) for item in listed(placed.get("product_items")) if mapping(item)]
    note = sentence(placed.get("text"), longest=4096)
    if not (items or note):
        raise Malformed
    data: Wire = {"items": items}
    if catalog_id := identifier(placed.get("catalog_id")):
        data["catalog_id"] = catalog_id
    part: Wire = {"kind": "order", "data": data}
    if note:
        part["text"] = note
    return [part]


def _product(item: dict[str, Any]) -> Wire:
    found = {
        "id": identifier(item.get("product_retailer_id")),
        "quantity": number(item.get("quantity")),
        "price": number(item.get("item_price")),
        "currency": sentence(item.get("currency")),
    }
    return {key: value for key, value in found.items() if value is not None}


def _words(value: Any) -> bool:
    return isinstance(value, str) and bool(value)
