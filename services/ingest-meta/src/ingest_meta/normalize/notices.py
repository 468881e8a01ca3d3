"""What people do beside writing: they follow a link, opt in, fill a form, play. Rules of a table.

Each is a notice, a line in the thread that starts it where there is none yet: the fact may be all
that is known of a person who is about to be written to.
"""

from adapter.fields import Malformed, Wire, required
from adapter.items import MESSAGE, Item, Made
from ingest_meta.normalize import names
from ingest_meta.normalize.dialect import Dialect, Rule
from ingest_meta.normalize.messages import written
from ingest_meta.payloads import STANDBY, act

TOKENS = ("notification_messages_token", "one_time_notif_token", "authorization_code")
"""Facts that let their holder write to the person or act for them: kept apart, under `tokens`."""


def notice(dialect: Dialect, item: Item) -> Made:
    """The line, with the facts the platform gives. Raises Malformed when it gives none."""
    kind = item.kind.removeprefix(STANDBY)
    facts = act(kind, item.body)
    if not facts:
        raise Malformed
    told: Wire = {key: value for key, value in facts.items() if key not in TOKENS}
    if tokens := {key: facts[key] for key in TOKENS if key in facts}:
        told["tokens"] = tokens
    part = {"kind": "notice", "data": {**told, "name": names.NOTICES[kind]}}
    data = written(dialect, item, required(names.external_id(item)), [part])
    data["notice"] = True
    if kind == "referral":
        data["referral"] = facts
    return Made(MESSAGE, data)


RULES: dict[str, Rule] = dict.fromkeys(names.NOTICES, notice)
