"""What one channel has of its own, and how its table of kinds is made. Used by each channel."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from adapter.fields import Wire
from adapter.items import Item, Kinds, Made
from ingest_meta.normalize import names, people
from ingest_meta.normalize.attachments import Draw
from ingest_meta.payloads import CHANGES, STANDBY

UNHEARD_OF = "messaging."
SHOWN = ("message.", "echo.", "postback", UNHEARD_OF)
"""Kinds that are shown in the conversation even when nobody understands them."""


@dataclass(frozen=True)
class Dialect:
    """`person`: the alias kind of its people's ids. `attachments`: type → the parts of one."""

    channel: str
    person: str
    attachments: Mapping[str, Draw]


Rule = Callable[[Dialect, Item], Made]
"""Makes the event of one kind, as adapter.items.Make does, told which channel it is for."""


def kinds_of(dialect: Dialect, version: int, rules: Mapping[str, Rule]) -> Kinds:
    """The channel's table. What is understood is understood in another app's thread too."""
    table = {kind: partial(rule, dialect) for kind, rule in rules.items()}
    standby = {
        f"{STANDBY}{kind}": make for kind, make in table.items() if not kind.startswith(CHANGES)
    }
    return Kinds(
        dialect.channel, version, {**table, **standby}, names.name_of, partial(_described, dialect)
    )


def _described(dialect: Dialect, item: Item) -> Wire:
    """What an unsupported event may say of its item: who wrote it, under which id."""
    kind = item.kind.removeprefix(STANDBY)
    if not kind.startswith(SHOWN) or kind.endswith(".deleted"):
        return {}
    said: Wire = {"direction": "outbound"} if people.is_echo(item) else {}
    if not kind.startswith(UNHEARD_OF) and (external_id := names.external_id(item)):
        said["external_id"] = external_id
    if contact := people.contact(dialect.person, item):
        said["contact"] = contact
    return said
