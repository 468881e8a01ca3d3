"""The command of an action, into the outbox. Called by app.actions and app.refreshing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from contracts import subjects
from contracts.batch import encode, pack
from contracts.commands import Action, ActionCommand
from contracts.parts import Alias
from inbox_core.app.placing import ACTION_ID
from inbox_core.app.plan import OutboxRow, Plan, new_id
from inbox_core.app.ports import Channel
from inbox_core.domain.conversation import Conversation

Kind = Literal["react", "unreact", "read", "typing_on", "typing_off", "refresh"]

USEFUL_FOR: dict[Kind, timedelta] = {
    "react": timedelta(hours=1),
    "unreact": timedelta(hours=1),
    "read": timedelta(hours=1),
    "typing_on": timedelta(seconds=10),
    "typing_off": timedelta(seconds=10),
    # Who was away for longer asks by itself when it comes back.
    "refresh": timedelta(minutes=1),
}


@dataclass(frozen=True, slots=True)
class Act:
    """What is done. `external_id`: the message it is about. `author`: who types."""

    kind: Kind
    external_id: str | None = None
    emoji: str | None = None
    author: str | None = None


def plan_act(
    plan: Plan,
    channel: Channel,
    conversation: Conversation,
    to: Sequence[tuple[str, str]],
    act: Act,
) -> str:
    """The answer is the command's id. `to`: the person's names (kind, value), at least one."""
    command = ActionCommand(
        id=f"{ACTION_ID}{new_id()}",
        time=plan.now,
        channel=channel.type,
        account=channel.account,
        data=Action(
            workspace_id=channel.workspace_id,
            channel_id=channel.id,
            conversation_id=conversation.id,
            to=tuple(Alias(kind=kind, value=value) for kind, value in to),
            action=act.kind,
            external_id=act.external_id,
            emoji=act.emoji,
            author=act.author,
            not_after=plan.now + USEFUL_FOR[act.kind],
        ),
    )
    subject = subjects.outbound(channel.type, "action")
    plan.outbox.append(OutboxRow(new_id(), channel.workspace_id, subject, pack([encode(command)])))
    return command.id
