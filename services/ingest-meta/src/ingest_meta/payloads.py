"""Parse once at the rim: a webhook body becomes independent items. Called by adapter.intake.

`parse` is tolerant where Meta is loose: it never raises, whatever the shape. A body is
`{object, entry: [{id, time, …}]}`; an entry holds `messaging` or `standby` (what people do, one
object an act), `changes` (`[{field, value}]`, news of the account) or one such `field` and
`value` itself. Entries of several accounts come mixed, each with several items.

An act's kind is the key that says what it is: `postback`, `read`, `message.<what it holds>`; a
message the account itself sent is `echo.<…>`; of another app's thread everything begins with
`standby.`. A change is `changes.<field>`. What cannot say what it is ends in `malformed`: nothing
is lost, and one bad item never costs another.

Provider payloads stay plain dicts: this is the hot path, and a model of them would refuse what
Meta sends next month.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from adapter.fields import listed, mapping
from adapter.items import MALFORMED, Item, Parsed
from adapter.loading import account_id, load

STANDBY = "standby."
CHANGES = "changes."

ACTS: dict[str, str] = {
    "message": "message",
    "message_edit": "message_edit",
    "postback": "postback",
    "reaction": "reaction",
    "read": "read",
    "delivery": "delivery",
    "referral": "referral",
    "optin": "optin",
    "account_linking": "account_linking",
    "pass_thread_control": "pass_thread_control",
    "take_thread_control": "take_thread_control",
    "request_thread_control": "request_thread_control",
    "app_roles": "app_roles",
    "messaging_feedback": "messaging_feedback",
    "response_feedback": "response_feedback",
    "messaging_customer_information": "messaging_customer_information",
    "game_play": "game_play",
    "game_plays": "game_play",
    "policy_enforcement": "policy_enforcement",
    "policy-enforcement": "policy_enforcement",
    "violations": "business_integrity",
}
"""Key of an act → its kind. The first that is there decides; an act without any is
`messaging.<key>`."""

KEYS = {kind: [key for key in ACTS if ACTS[key] == kind] for kind in ACTS.values()}

AROUND = frozenset({"sender", "recipient", "timestamp", "prior_message", "hop_context"})
"""Keys that stand beside any act, or any entry's acts, and name none."""

OF_PEOPLE = frozenset({"read", "delivery"})
"""Acts that only people's are news. Of the account's own (`<kind>.own`) nothing is made."""

ACTS_LISTS = {"messaging": "", "standby": STANDBY}
NOBODY = "0"
"""The entry id of what the dashboard's Test button sends."""
MAX_KIND = 64


class Entry(NamedTuple):
    """What an entry says of all its items."""

    channel: str
    account: str | None
    time: Any

    def item(self, kind: str, body: Any, account: str | None = None) -> Item:
        return Item(kind[:MAX_KIND], account or self.account, body, None, self.time, self.channel)


def parse(objects: Mapping[str, str], body: bytes) -> Parsed:
    """Every item of an authentic body, in order. `objects`: object → channel. Never raises."""
    try:
        value, mended = load(body)
    except (ValueError, RecursionError):
        return Parsed([], "unparsable")
    name = mapping(value).get("object")
    channel = objects.get(name) if isinstance(name, str) else None
    if channel is None:
        return Parsed([], "unknown_object", mended)
    entries = value.get("entry")
    if not isinstance(entries, list):
        return Parsed([Item(MALFORMED, None, value, channel=channel)], None, mended)
    items: list[Item] = []
    for entry in entries:
        _take_entry(entry, channel, items)
    return Parsed(items, None, mended)


def act(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """What stands under the key of an act of this kind; empty when nothing does."""
    return next((mapping(body[key]) for key in KEYS.get(kind, ()) if key in body), {})


def _take_entry(value: Any, channel: str, items: list[Item]) -> None:
    """Add an entry's items; an entry that has none of the known forms is one itself."""
    if not isinstance(value, dict):
        items.append(Item(MALFORMED, None, value, channel=channel))
        return
    entry = Entry(channel, account_id(value.get("id")), value.get("time"))
    known = "field" in value
    if known:
        _take_change({key: value.get(key) for key in ("field", "value")}, entry, items)
    for key, elements in value.items():
        if isinstance(elements, list):
            known = known or key != "value"
            _take_list(key, elements, entry, items)
        elif key in ACTS_LISTS or key == "changes":
            known = True
            items.append(entry.item(f"{key}.{MALFORMED}", elements))
    if not known:
        items.append(entry.item(MALFORMED, value))


def _take_list(key: str, elements: list[Any], entry: Entry, items: list[Item]) -> None:
    prefix = ACTS_LISTS.get(key)
    if prefix is not None:
        items += [_act(element, prefix, entry) for element in elements]
    elif key == "changes":
        for change in elements:
            _take_change(change, entry, items)
    elif key != "value" and key not in AROUND:
        items += [entry.item(f"entry.{key}", element) for element in elements]


def _take_change(change: Any, entry: Entry, items: list[Item]) -> None:
    """A field's news. Meta's own pages call `value` both an object and an array of them."""
    field, value = mapping(change).get("field"), mapping(change).get("value")
    values: list[Any] = value if isinstance(value, list) and value else [value]
    if not isinstance(field, str) or not all(field and isinstance(one, dict) for one in values):
        items.append(entry.item(MALFORMED, change))
        return
    for one in values:
        if isinstance(one.get("sender"), dict) or isinstance(one.get("recipient"), dict):
            # An act in the clothes of a change: one login flavour's, and the Test button's.
            items.append(_act(one, STANDBY if field == "standby" else "", entry))
        else:
            items.append(entry.item(CHANGES + field, one))


def _act(body: Any, prefix: str, entry: Entry) -> Item:
    if not isinstance(body, dict):
        return entry.item(f"{prefix or 'messaging.'}{MALFORMED}", body)
    message = body.get("message")
    sender, recipient = (_id(body, side) for side in ("sender", "recipient"))
    ours = sender is not None and sender == entry.account and sender != recipient
    if isinstance(message, dict):
        ours = ours or message.get("is_echo") is True
    account = entry.account
    if account is None or account == NOBODY:
        account = (sender if ours else recipient) or account
    return entry.item(prefix + _kind(body, message, ours=ours), body, account)


def _id(body: dict[str, Any], side: str) -> str | None:
    who = body.get(side)
    return account_id(who.get("id")) if isinstance(who, dict) else None


def _kind(body: dict[str, Any], message: Any, *, ours: bool) -> str:
    if isinstance(message, dict):
        return f"{'echo' if ours else 'message'}.{_holds(message)}"
    for key, kind in ACTS.items():
        if key in body:
            if kind == "message":
                return f"message.{MALFORMED}"
            return f"{kind}.own" if ours and kind in OF_PEOPLE else kind
    return f"messaging.{min((key for key in body if key not in AROUND), default=MALFORMED)}"


def _holds(message: dict[str, Any]) -> str:
    """The rest of a message's kind: `text`, the one type of its attachments, `deleted`."""
    if message.get("is_deleted") is True:
        return "deleted"
    if message.get("is_unsupported") is True:
        return "unsupported"
    if isinstance(message.get("quick_reply"), dict):
        return "quick_reply"
    text = message.get("text")
    if isinstance(text, str) and text:
        return "text"
    if attachments := attachments_of(message):
        types = {type_of(one) for one in attachments}
        return types.pop() if len(types) == 1 else "attachments"
    if mapping(message.get("reply_to")).get("story"):
        return "story_reply"
    return "referral" if mapping(message.get("referral")) else "empty"


def attachments_of(message: dict[str, Any]) -> list[Any]:
    """All of them; one may come without a list around it."""
    found = message.get("attachments")
    return [found] if isinstance(found, dict) and found else listed(found)


def type_of(attachment: Any) -> str:
    """What an attachment says it is."""
    found = mapping(attachment).get("type")
    return found if isinstance(found, str) and found else MALFORMED
