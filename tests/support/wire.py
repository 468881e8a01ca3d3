"""Events and commands for tests: the smallest that are whole."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from contracts import batch, ids
from contracts.commands import CommandId, Send, SendCommand
from contracts.events import Account, AccountEvent, source
from contracts.parts import Alias, Part

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
NOBODY = UUID(int=0)


def event(name: str, account: str = "1001", channel: str = "whatsapp") -> AccountEvent:
    """An event about an account; `name` makes its id."""
    return AccountEvent(
        id=ids.event_id(channel, account, "account", name),
        source=source(channel, account),
        time=NOON,
        channel=channel,
        account=account,
        data=Account(kind=name),
    )


def packed(*names: str, account: str = "1001") -> bytes:
    """The body of a message with an event for each name."""
    return batch.pack(batch.encode(event(name, account)) for name in names)


def command(number: int, attempt: int = 1) -> SendCommand:
    """A command to send a text; `number` makes its id."""
    return SendCommand(
        id=str(CommandId(UUID(int=number), attempt, 0)),
        time=NOON,
        channel="whatsapp",
        account="1001",
        data=Send(
            workspace_id=NOBODY,
            channel_id=NOBODY,
            conversation_id=NOBODY,
            to=(Alias(kind="phone", value="+15550100"),),
            part=Part(kind="text", text="hello"),
            not_after=NOON + timedelta(days=1),
        ),
    )


def packed_command(number: int) -> bytes:
    return batch.pack([batch.encode(command(number))])
