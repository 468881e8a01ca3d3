"""What only echoes hold: templates, and messages that ask for a press. Used by content.py.

They are written as requests to Meta are, so the parts are those we would send them by.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from adapter.fields import Malformed, Unknown, Wire, identifier, listed, mapping, sentence

MAX_WORDS = 4096
BODY = "body"
PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
"""Of a parameter in the words of a template: `{{1}}`, `{{name}}`."""


def template(body: dict[str, Any]) -> list[Wire]:
    """A template by its name; with its words where they stand beside it (`defined`)."""
    sent = mapping(body.get("template"))
    language = sent.get("language")
    code = identifier(language) or identifier(mapping(language).get("code"))
    name = identifier(sent.get("name"))
    if name is None:
        raise Malformed
    data: Wire = {"name": name} | ({"language": code} if code else {})
    if components := listed(sent.get("components")):
        data["components"] = components
    part: Wire = {"kind": "template", "data": data}
    if words := _words_of(mapping(body.get("defined")), components):
        part["text"] = words
    return [part]


def interactive(kind: str, sent: dict[str, Any]) -> Wire:
    """A question with its answers. Raises Unknown for what nobody sends."""
    make = QUESTIONS.get(kind)
    if make is None and not (mapping(sent.get("action")) and mapping(sent.get(BODY))):
        raise Unknown
    part = make(sent) if make else _as_it_is(sent)
    if words := _text(sent, BODY):
        part["text"] = words
    if make:
        around = {key: words for key in ("header", "footer") if (words := _text(sent, key))}
        part["data"] |= around
    return part


def _buttons(sent: dict[str, Any]) -> Wire:
    replies = [mapping(mapping(one).get("reply")) for one in _action(sent, "buttons")]
    return {"kind": "buttons", "data": {"buttons": [_option(one) for one in replies if one]}}


def _list(sent: dict[str, Any]) -> Wire:
    sections = [
        _given(title=sentence(mapping(each).get("title")))
        | {"rows": [_option(mapping(row)) for row in listed(mapping(each).get("rows"))]}
        for each in _action(sent, "sections")
    ]
    button = sentence(mapping(sent.get("action")).get("button"))
    return {"kind": "list", "data": {**_given(button=button), "sections": sections}}


def _link(sent: dict[str, Any]) -> Wire:
    told = mapping(mapping(sent.get("action")).get("parameters"))
    title, url = sentence(told.get("display_text")), sentence(told.get("url"), MAX_WORDS)
    return {"kind": "link_button", "data": _given(title=title, url=url)}


def _as_it_is(sent: dict[str, Any]) -> Wire:
    return {"kind": "platform", "data": {"type": "interactive", "interactive": sent}}


def _action(sent: dict[str, Any], key: str) -> list[Any]:
    found = listed(mapping(sent.get("action")).get(key))
    if not found:
        raise Malformed
    return found


def _option(said: dict[str, Any]) -> Wire:
    words = {key: sentence(said.get(key), MAX_WORDS) for key in ("title", "description")}
    return _given(id=identifier(said.get("id")), **words)


def _text(sent: dict[str, Any], key: str) -> str | None:
    return sentence(mapping(sent.get(key)).get("text"), MAX_WORDS)


def _given(**facts: Any) -> Wire:
    return {key: value for key, value in facts.items() if value is not None}


def _words_of(defined: dict[str, Any], components: list[Any]) -> str | None:
    """The body of a template's definition with its parameters put in."""
    (layout, *_) = [*_bodies(defined.get("components")), {}]
    (filled, *_) = [*_bodies(components), {}]
    values: dict[str, str] = {}
    for number, parameter in enumerate(listed(filled.get("parameters")), 1):
        fields = mapping(parameter)
        if isinstance(words := fields.get("text"), str):
            values[identifier(fields.get("parameter_name")) or str(number)] = words
    text = sentence(layout.get("text"), MAX_WORDS)
    return text and PLACE.sub(lambda place: values.get(place[1], place[0]), text)[:MAX_WORDS]


def _bodies(components: Any) -> list[dict[str, Any]]:
    return [
        mapping(each)
        for each in listed(components)
        if str(mapping(each).get("type")).lower() == BODY
    ]


QUESTIONS: Mapping[str, Callable[[dict[str, Any]], Wire]] = {
    "button": _buttons,
    "list": _list,
    "cta_url": _link,
}
"""`interactive.type` → part; any other with words and an action is kept as Meta writes it."""
