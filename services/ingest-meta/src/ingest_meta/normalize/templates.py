"""Templates as messages show them: the words of those we sent, the products people share. Pure."""

from typing import Any

from adapter.fields import Wire, identifier, mapping

MAX_PARTS = 32
MEDIA = "media"
WORDS = ("title", "subtitle", "text", "intro_message", "order_number", "coupon_code")
"""Fields a person reads, in the order they stand."""


def parts_of(payload: dict[str, Any]) -> list[Wire]:
    """One part a product, else one text of everything there is to read; none when nothing is."""
    products = _elements(mapping(payload.get("product")))
    if products:
        return [_product(element) for element in products[:MAX_PARTS]]
    # Instagram lays the fields of a template under its type, Messenger beside it.
    fields = mapping(payload.get("generic")) or payload
    lines = [*_lines(fields), *(line for one in _elements(fields) for line in _lines(one))]
    words = [{"kind": "text", "text": "\n".join(lines)}] if lines else []
    return words + _shown(fields)


def _shown(fields: dict[str, Any]) -> list[Wire]:
    """What a template of media shows, where it lies on a page."""
    if fields.get("template_type") != MEDIA:
        return []
    urls = [one.get("url") for one in _elements(fields)[:MAX_PARTS]]
    return [{"kind": "link", "data": {"url": url}} for url in urls if isinstance(url, str) and url]


def _elements(fields: dict[str, Any]) -> list[dict[str, Any]]:
    elements = fields.get("elements")
    return [one for one in elements if isinstance(one, dict)] if isinstance(elements, list) else []


def _lines(fields: dict[str, Any]) -> list[str]:
    """Title, words, then the buttons in brackets."""
    read = [fields.get(key) for key in WORDS]
    buttons = fields.get("buttons")
    titles = [mapping(one).get("title") for one in buttons] if isinstance(buttons, list) else []
    return [
        *(one for one in read if isinstance(one, str) and one),
        *(f"[{title}]" for title in titles if isinstance(title, str) and title),
    ]


def _product(element: dict[str, Any]) -> Wire:
    told = {
        "id": identifier(element.get("retailer_id")) or identifier(element.get("id")),
        "title": element.get("title"),
        "image": element.get("image_url"),
    }
    return {"kind": "product", "data": {k: v for k, v in told.items() if isinstance(v, str)}}
