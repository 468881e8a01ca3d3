"""Pure: a command becomes a body of Messenger's Send API. Called by deliver.py."""

from adapter.deliver.call import Handed
from contracts.commands import ActionCommand, SendCommand
from ingest_meta import send_api
from ingest_meta.send_api import Body, Tables


def _by_id(kind: str, attachment_id: str) -> Body:
    return {"type": kind, "payload": {"attachment_id": attachment_id}}


MESSENGER = Tables(
    name="Messenger", recipients={"psid": "id", "user_ref": "user_ref"}, by_id=_by_id
)


def request_of(command: SendCommand, file: Handed | None = None) -> Body:
    """The body of a send. Raises CannotSend."""
    return send_api.request_of(MESSENGER, command, file)


def action_of(command: ActionCommand) -> Body:
    """The body of an action. Raises CannotSend."""
    return send_api.action_of(MESSENGER, command)
