"""The attributes of an event that answers a command. Used by the media and profile roles."""

from datetime import datetime
from typing import TypedDict

from contracts.commands import CommandEnvelope
from contracts.events import source
from contracts.ids import event_id


class Attributes(TypedDict):
    """What the envelope of an answer says beside its type and data."""

    id: str
    source: str
    time: datetime
    channel: str
    account: str


def attributes(command: CommandEnvelope, kind: str, fact: str, at: datetime) -> Attributes:
    """`fact` names what is told, so that a repeat of it is one to everybody."""
    return {
        "id": event_id(command.channel, command.account, kind, fact),
        "source": source(command.channel, command.account),
        "time": at,
        "channel": command.channel,
        "account": command.account,
    }
