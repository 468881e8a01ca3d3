"""Which app holds a thread: handover, or conversation routing as Meta calls it now. Table rules.

Of a thread that was taken Meta tells the app that lost it, and not always who has it: the owner is
then `unknown`, for nobody would read as this app.
"""

from typing import Literal

from adapter.fields import Wire, identifier
from adapter.items import THREAD_CONTROL, Item, Made
from ingest_meta.normalize import people
from ingest_meta.normalize.dialect import Dialect, Rule
from ingest_meta.payloads import STANDBY, act

UNKNOWN = "unknown"

ACTIONS: dict[str, tuple[Literal["passed", "taken", "requested"], str, str | None]] = {
    # kind: what happened, where its new owner stands, who that is when nobody is named
    "pass_thread_control": ("passed", "new_owner_app_id", None),
    "take_thread_control": ("taken", "new_owner_app_id", UNKNOWN),
    "request_thread_control": ("requested", "requested_owner_app_id", UNKNOWN),
}


def control(dialect: Dialect, item: Item) -> Made:
    kind = item.kind.removeprefix(STANDBY)
    action, owner_key, nobody = ACTIONS[kind]
    said = act(kind, item.body)
    contact = people.required(dialect.person, item)
    owner = identifier(said.get(owner_key)) or nobody
    data: Wire = {"contact": contact, "action": action, "owner": owner}
    if previous := identifier(said.get("previous_owner_app_id")):
        data["previous_owner"] = previous
    return Made(THREAD_CONTROL, data)


RULES: dict[str, Rule] = dict.fromkeys(ACTIONS, control)
