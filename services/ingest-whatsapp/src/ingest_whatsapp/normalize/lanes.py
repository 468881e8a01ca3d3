"""The lanes messages come in: whose words they are, and which marks they carry.

The same types of messages arrive from customers, as copies of what the business wrote in its own
app, from threads that another app holds, and from the time before the channel was connected. A
lane knows who the contact is and makes the message; what it says is content.py. Used by items.py.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from adapter.fields import Malformed, Wire, identifier, mapping, required
from adapter.items import MESSAGE, Item, Made, Make
from ingest_whatsapp.normalize import people

NO_MESSAGE = "M0"
"""A context id that names nothing."""
APP = "app"
"""Where an echo was written when it does not say: the business' own app."""

Content = Callable[[dict[str, Any]], list[Wire]]
"""The parts of a message's body. Raises Malformed or Unknown."""
Act = Callable[[dict[str, Any], Wire, str], Made]
"""What a body without words does: (body, contact, direction) → event."""


class Lane(NamedTuple):
    """Whose words these are, and how they are marked.

    `contact` finds the other side, and raises Malformed when nobody is named; `marks` are fields
    of every message of the lane.
    """

    direction: str
    contact: Callable[[Item], Wire]
    marks: Wire


Where = Callable[[Item], Lane]


def message(where: Where, content: Content) -> Make:
    """A row of the table: a message in a lane."""

    def make(item: Item) -> Made:
        lane = where(item)
        body = said(item.body)
        made: Wire = {
            "external_id": required(body.get("id")),
            "direction": lane.direction,
            "contact": lane.contact(item),
            "parts": content(body),
            "forwarded": False,
        }
        if lane.marks:
            made |= lane.marks
        if group_id := identifier(body.get("group_id")):
            made["group_id"] = group_id
        if context := body.get("context"):
            _in_context(made, mapping(context))
        if referral := mapping(body.get("referral")):
            made["referral"] = referral
        return Made(MESSAGE, made)

    return make


def notice(where: Where, content: Content) -> Make:
    """A row of the table: something that happened, a line in the thread rather than words."""
    make = message(where, content)

    def note(item: Item) -> Made:
        made = make(item)
        made.data["notice"] = True
        return made

    return note


def act(where: Where, does: Act) -> Make:
    """A row of the table: what is done to another message."""

    def make(item: Item) -> Made:
        lane = where(item)
        made = does(said(item.body), lane.contact(item), lane.direction)
        if made.type == MESSAGE:
            made.data.update(lane.marks)
        return made

    return make


def said(body: dict[str, Any]) -> dict[str, Any]:
    """A message as it stands.

    Echoes of standby wrap the request they were sent by, beside the template it names:
    `{id, timestamp, message: {to, type, …}, template?}`.
    """
    request = body.get("message")
    if not isinstance(request, dict):
        return body
    around = {key: body[key] for key in ("id", "timestamp", "from") if key in body}
    return {**request, **around, "defined": body.get("template")}


def _in_context(made: Wire, context: dict[str, Any]) -> None:
    """What a message answers, whether it was passed on, which product it asks about."""
    reply_to = identifier(context.get("id")) or identifier(context.get("message_id"))
    if reply_to is not None and reply_to != NO_MESSAGE:
        made["reply_to"] = reply_to
    made["forwarded"] = bool(context.get("forwarded") or context.get("frequently_forwarded"))
    if product := mapping(context.get("referred_product")):
        made["parts"][0].setdefault("data", {})["product"] = product


def contacts_of(item: Item) -> Any:
    """The list `contacts` of the value around an item."""
    return item.beside.get("contacts") if isinstance(item.beside, dict) else None


def _writer(item: Item) -> Wire:
    return people.person(item.body, people.WRITER, contacts_of(item))


def _addressee(item: Item) -> Wire:
    """Of an echo: the person it went to, or the group."""
    body = said(item.body)
    if identifier(body.get("group_id")):
        return people.person(body, people.GROUP)
    if body.get("recipient_type") == "group":
        return people.person(body, (("group", "to"),))
    return people.person(body, people.ADDRESSEE, contacts_of(item))


def _in_thread(rows: people.Rows) -> Callable[[Item], Wire]:
    """Of history: the thread it stands in names the person too, and by more names."""

    def contact(item: Item) -> Wire:
        thread = mapping(mapping(item.beside).get("thread"))
        context = mapping(thread.get("context"))
        ids: people.Ids = {}
        people.collect(item.body, rows, ids)
        people.collect(thread, ((people.BY_FORM, "id"),), ids)
        people.collect(context, people.PROFILE, ids)
        if not ids:
            raise Malformed
        return people.contact_of(ids, contacts_of(item), context)

    return contact


_HISTORY: Wire = {"history": True}
_RECEIVED = Lane("inbound", _writer, {})
_STANDBY = Lane("inbound", _writer, {"standby": True})
_PAST_RECEIVED = Lane("inbound", _in_thread(people.WRITER), _HISTORY)
_PAST_SENT = Lane("outbound", _in_thread(people.ADDRESSEE), _HISTORY | {"via": APP})


def received(_item: Item) -> Lane:
    """From a customer."""
    return _RECEIVED


def standby(_item: Item) -> Lane:
    """From a customer, while another app holds the thread."""
    return _STANDBY


def echo(item: Item) -> Lane:
    """What the business wrote elsewhere."""
    return Lane("outbound", _addressee, _echo_marks(item))


def standby_echo(item: Item) -> Lane:
    """What the app wrote that holds the thread."""
    return Lane("outbound", _addressee, _echo_marks(item) | {"standby": True})


def history(item: Item) -> Lane:
    """From before the channel was connected, by either side."""
    return _PAST_SENT if written_here(item, unsaid="to" in item.body) else _PAST_RECEIVED


def _echo_marks(item: Item) -> Wire:
    """Where it was written; a message we sent ourselves says which."""
    marks: Wire = {"via": identifier(item.body.get("app_id")) or APP}
    if client_ref := identifier(item.body.get("biz_opaque_callback_data")):
        marks["client_ref"] = client_ref
    return marks


def written_here(item: Item, *, unsaid: bool) -> bool:
    """Whether `from` is the business' own number; `unsaid` when one of the two is not there."""
    metadata = mapping(mapping(item.beside).get("metadata"))
    ours, theirs = (
        "".join(filter(str.isdecimal, identifier(value) or ""))
        for value in (metadata.get("display_phone_number"), item.body.get("from"))
    )
    return ours == theirs if ours and theirs else unsaid


LANES: dict[str, Where] = {
    "message": received,
    "standby.message": standby,
    "echo": echo,
    "standby.echo": standby_echo,
    "history": history,
}
"""First part of a kind → its lane."""
