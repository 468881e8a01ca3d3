"""Pure: a command becomes a body of Instagram's Send API. Called by deliver.py."""

from adapter.deliver.call import Handed
from contracts.commands import ActionCommand, SendCommand
from ingest_meta import send_api
from ingest_meta.send_api import Body, Tables


def _by_id(_kind: str, attachment_id: str) -> Body:
    """What was uploaded is named like a post, whatever its kind."""
    return {"type": "MEDIA_SHARE", "payload": {"id": attachment_id}}


INSTAGRAM = Tables(
    name="Instagram",
    recipients={"igsid": "id"},
    by_id=_by_id,
    reactions={"❤": "love", "❤️": "love"},
)


def request_of(command: SendCommand, file: Handed | None = None) -> Body:
    """The body of a send. Raises CannotSend."""
    return send_api.request_of(INSTAGRAM, command, file)


def action_of(command: ActionCommand) -> Body:
    """The body of an action. Raises CannotSend."""
    return send_api.action_of(INSTAGRAM, command)
