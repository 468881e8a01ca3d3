"""What inbox-core is told of a call: the event, already encoded. Used by sender.py, actions.py.

The encoded event is what a claim keeps as its outcome, so that a redelivery publishes the same
bytes again. The id is made of the command and the outcome: a repeat is a repeat to everybody.
"""

from datetime import datetime

from contracts import batch
from contracts.commands import ActionCommand, SendCommand
from contracts.events import (
    ActionResult,
    ActionResultEvent,
    SendOutcome,
    SendResult,
    SendResultEvent,
    source,
)
from contracts.ids import event_id
from contracts.parts import Problem
from metagraph.errors import GraphError

EXPIRED = Problem(
    kind="expired", message="It could not be sent in time, and late it would do harm."
)
NO_CHANNEL = Problem(
    kind="no_channel", message="The channel is missing, switched off or has no credential."
)
INTERRUPTED = Problem(
    kind="interrupted", message="Sending was interrupted: the message may have been sent."
)


def sent(command: SendCommand, external_id: str, at: datetime) -> bytes:
    return _result(command, "sent", at, external_id=external_id)


def failed(command: SendCommand, problem: Problem, at: datetime) -> bytes:
    return _result(command, "failed", at, problem=problem)


def unknown(command: SendCommand, problem: Problem, at: datetime) -> bytes:
    """Perhaps sent: a status with the command's id settles it, or a person does."""
    return _result(command, "unknown", at, problem=problem)


def action_failed(command: ActionCommand, problem: Problem, at: datetime) -> bytes:
    """What screens show of the action is to be taken back."""
    action = command.data
    return batch.encode(
        ActionResultEvent(
            id=event_id(command.channel, command.account, "action_result", command.id),
            source=source(command.channel, command.account),
            time=at,
            channel=command.channel,
            account=command.account,
            data=ActionResult(
                command_id=command.id,
                workspace_id=action.workspace_id,
                conversation_id=action.conversation_id,
                action=action.action,
                external_id=action.external_id,
                problem=problem,
            ),
        )
    )


def problem_of(error: GraphError) -> Problem:
    """Graph's verdict in the words of the wire."""
    return Problem(
        kind=error.kind, message=error.sentence, code=error.code, retryable=error.rule.retry
    )


def _result(
    command: SendCommand,
    outcome: SendOutcome,
    at: datetime,
    *,
    external_id: str | None = None,
    problem: Problem | None = None,
) -> bytes:
    return batch.encode(
        SendResultEvent(
            id=event_id(command.channel, command.account, "send_result", command.id, outcome),
            source=source(command.channel, command.account),
            time=at,
            channel=command.channel,
            account=command.account,
            data=SendResult(
                command_id=command.id, outcome=outcome, external_id=external_id, problem=problem
            ),
        )
    )
