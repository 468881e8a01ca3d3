"""Parse once at the rim: a webhook body becomes independent items. Called by adapter.intake.

`parse` is tolerant where Meta is loose: it never raises, whatever the shape. A body is
`{object, entry: [{id, time?, changes: [{field, value}]}]}`; an item is one message, one status,
one error, one element of another field's list, one message of a thread of history, or the value
of a field that has no list. What stands where an object belongs is an item too, `malformed` or
`<kind>.malformed`, so that nothing is lost and one bad item never costs another.

Provider payloads stay plain dicts: this is the hot path, and a model of them would refuse what
Meta sends next month.
"""

from typing import Any

from adapter.fields import listed, mapping
from adapter.items import MALFORMED, Item, Parsed
from adapter.loading import account_id, load

CHANNEL = "whatsapp"
OBJECT = "whatsapp_business_account"

LISTS: dict[str, dict[str, str]] = {
    "messages": {
        "messages": "message",
        "message_echoes": "echo",
        "statuses": "status",
        "errors": "error",
    },
    "standby": {
        "messages": "standby.message",
        "message_echoes": "standby.echo",
        "statuses": "standby.status",
        "errors": "error",
    },
    "smb_message_echoes": {"message_echoes": "echo", "errors": "error"},
    "message_echoes": {"message_echoes": "echo", "errors": "error"},
    "smb_app_state_sync": {"state_sync": "app_state"},
    "history": {
        "history": "history",
        "messages": "history_media",
        "message_echoes": "history_media",
        "errors": "history_error",
    },
    "user_preferences": {"user_preferences": "preference"},
    "user_id_update": {"user_id_update": "user_id_update"},
    "messaging_handovers": {"messaging_handovers": "handover", "handovers": "handover"},
    "automatic_events": {"automatic_events": "automatic_event"},
    "calls": {"calls": "call", "statuses": "call_status", "errors": "error"},
    "group_lifecycle_update": {"groups": "group_lifecycle"},
    "group_participants_update": {"groups": "group_participants"},
    "group_settings_update": {"groups": "group_settings"},
    "group_status_update": {"groups": "group_status"},
}
"""field → list in its value → kind of the list's elements. A list of these fields that does not
stand here is split too, as `<field>.<list>`; the value of any other field is one item."""

SUBKINDS: dict[str, str] = {
    "message": "type",
    "echo": "type",
    "standby.message": "type",
    "standby.echo": "type",
    "history": "type",
    "history_media": "type",
    "status": "status",
    "standby.status": "status",
}
"""kind → the key of the element that refines it: `message.text`, `status.read`."""

HISTORY = "history"
UNSUPPORTED = "unsupported"
"""The type of a message WhatsApp does not pass on; of most it says what they were:
`message.unsupported.poll`."""
OTHER_STATUSES = {"payment": "payment_status", "call": "call_status"}
"""`type` of what stands among the statuses and is none of a message."""

WRAPPED = "standby"
"""The field whose value holds its lists in an object of the field's own name."""

TOLD_BY = (
    *("text", "image", "video", "audio", "voice", "document", "sticker", "location", "contacts"),
    *("button", "interactive", "order", "reaction", "template", "system", "edit", "revoke"),
)
"""The keys by which a message without `type` tells it: some of Meta's own examples have none."""

PHONES = (
    ("metadata", "phone_number_id"),
    ("recipient", "phone_number_id"),
    ("phone_number_settings", "phone_number_id"),
    ("recipient", "id"),
)
"""Where a value names the number it is for."""

CONTEXT = frozenset({"contacts"})
"""Lists that describe the items beside them and are none themselves."""

MAX_KIND = 64


def parse(body: bytes) -> Parsed:
    """Every item of an authentic body, in order. Never raises."""
    try:
        value, mended = load(body)
    except (ValueError, RecursionError):
        return Parsed([], "unparsable")
    if not isinstance(value, dict) or value.get("object") != OBJECT:
        return Parsed([], "unknown_object", mended)
    entries = value.get("entry")
    if not isinstance(entries, list):
        return Parsed([Item(MALFORMED, None, value, channel=CHANNEL)], None, mended)
    items: list[Item] = []
    for entry in entries:
        _take(entry, items)
    return Parsed(items, None, mended)


def _take(entry: Any, items: list[Item]) -> None:
    """Add an entry's items. They are appended, not yielded: generators cost as much again."""
    if not isinstance(entry, dict):
        items.append(Item(MALFORMED, None, entry, channel=CHANNEL))
        return
    waba = account_id(entry.get("id"), "waba:")
    time = entry.get("time")
    changes = entry.get("changes")
    if not isinstance(changes, list):
        items.append(Item(MALFORMED, waba, entry, None, time, CHANNEL))
        return
    for change in changes:
        value = change.get("value") if isinstance(change, dict) else None
        if not isinstance(value, dict):
            items.append(Item(MALFORMED, waba, change, None, time, CHANNEL))
        else:
            _take_value(change.get("field"), value, waba, time, items)


def _take_value(
    field: Any, value: dict[str, Any], waba: str | None, time: Any, items: list[Item]
) -> None:
    account = _phone_of(value) or _waba_of(value) or waba
    kinds = LISTS.get(field) if isinstance(field, str) else None
    if kinds is None:
        kind = field[:MAX_KIND] if isinstance(field, str) and field else MALFORMED
        items.append(Item(kind, account, value, None, time, CHANNEL))
        return
    whole = True
    if field == WRAPPED and (inner := mapping(value.get(field))):
        value = {key: around for key, around in value.items() if key != field} | inner
    for key, elements in value.items():
        if key in CONTEXT or elements is None:
            continue
        if isinstance(elements, list):
            whole = False
            kind = kinds.get(key) or f"{field}.{key}"
            if kind == HISTORY:
                for chunk in elements:
                    _take_chunk(chunk, account, value, time, items)
                continue
            items += [
                Item(_refine(kind, element), account, element, value, time, CHANNEL)
                for element in elements
            ]
        elif key in kinds:
            whole = False
            items.append(Item(MALFORMED, account, elements, value, time, CHANNEL))
    if whole:
        items.append(Item(field, account, value, None, time, CHANNEL))


def _phone_of(value: dict[str, Any]) -> str | None:
    for place, key in PHONES:
        if place in value and (found := account_id(mapping(value[place]).get(key))):
            return found
    return None


def _waba_of(value: dict[str, Any]) -> str | None:
    """News of a partner come under the partner's id, and name the account they are about."""
    info = value.get("waba_info")
    return account_id(mapping(info).get("waba_id"), "waba:") if info else None


def _take_chunk(
    chunk: Any, account: str | None, value: dict[str, Any], time: Any, items: list[Item]
) -> None:
    """A chunk of history: its messages by thread, or why there are none, or how far it is."""
    if not isinstance(chunk, dict):
        items.append(Item(f"history_chunk.{MALFORMED}", account, chunk, value, time, CHANNEL))
        return
    before = len(items)
    errors, threads = chunk.get("errors"), chunk.get("threads")
    items += [
        Item(_refine("history_error", error), account, error, value, time, CHANNEL)
        for error in listed(errors)
    ]
    for thread in listed(threads):
        messages = thread.get("messages") if isinstance(thread, dict) else None
        if not isinstance(messages, list):
            items.append(Item(f"history_thread.{MALFORMED}", account, thread, value, time, CHANNEL))
            continue
        around = {key: value.get(key) for key in ("metadata", "contacts")}
        around["thread"] = {key: said for key, said in thread.items() if key != "messages"}
        items += [
            Item(_refine(HISTORY, message), account, message, around, time, CHANNEL)
            for message in messages
        ]
    if len(items) == before:
        items.append(Item(HISTORY, account, chunk, value, time, CHANNEL))


def _refine(kind: str, element: Any) -> str:
    """`message` → `message.text`, or `message.malformed` when it cannot say what it is."""
    if not isinstance(element, dict):
        return f"{kind}.{MALFORMED}"
    key = SUBKINDS.get(kind)
    if key is None:
        return kind[:MAX_KIND]
    refinement = element.get(key)
    if not isinstance(refinement, str) or not refinement:
        refinement = _untold(element) if key == "type" else MALFORMED
    elif key == "status":
        refinement = refinement.lower()
        if "type" in element and isinstance(other := element["type"], str):
            return OTHER_STATUSES.get(other, f"{kind}.{refinement}")[:MAX_KIND]
    elif refinement == UNSUPPORTED and kind != HISTORY:
        told = element.get(UNSUPPORTED)
        if isinstance(told, dict) and isinstance(told.get("type"), str):
            refinement = f"{UNSUPPORTED}.{told['type']}"
    return f"{kind}.{refinement}"[:MAX_KIND]


def _untold(element: dict[str, Any]) -> str:
    """The type of a message that does not say it; of one that wraps the request it was sent by."""
    request = mapping(element.get("message"))
    said = request.get("type")
    if isinstance(said, str) and said:
        return said
    inner = request or element
    return next((key for key in TOLD_BY if key in inner), MALFORMED)
