"""Deliver: what a command is at Instagram. Given to adapter.roles by main().

Accounts come by two logins: through their Facebook page, whose token is good at graph.facebook.com,
and by Instagram itself, whose token is good at graph.instagram.com. The record's config says which
(`login`, written by connect.py).
"""

from typing_extensions import override

from adapter.channels import Credential
from adapter.deliver.call import Caller, Handed
from contracts.commands import ActionCommand, SendCommand
from ingest_meta.channels.instagram.requests import action_of, request_of
from ingest_meta.send_api import ATTACHMENTS
from metagraph.graph import ME, GraphClient, Upload

LOGIN = "login"
BY_INSTAGRAM = "instagram"
BY_PAGE = "facebook"


class InstagramCaller(Caller):
    """Everything goes to `me`: the page or the account that the token is of."""

    def __init__(self, graph: GraphClient, instagram: GraphClient) -> None:
        self._graph = graph
        self._instagram = instagram

    @override
    async def upload(self, command: SendCommand, credential: Credential, file: Upload) -> str:
        kind = ATTACHMENTS[command.data.part.kind]
        return await self._client(credential).upload_attachment(
            credential.token, file, kind, platform=None if by_instagram(credential) else "instagram"
        )

    @override
    async def send(self, command: SendCommand, credential: Credential, file: Handed | None) -> str:
        body = request_of(command, file)
        sent = await self._client(credential).send_page_message(credential.token, body)
        return sent.message_id

    @override
    async def act(self, command: ActionCommand, credential: Credential) -> bool:
        body = action_of(command)
        await self._client(credential).post_action(ME, credential.token, body)
        return True

    def _client(self, credential: Credential) -> GraphClient:
        return self._instagram if by_instagram(credential) else self._graph


def by_instagram(credential: Credential) -> bool:
    """Whether the account came by Instagram's own login."""
    return credential.config.get(LOGIN) == BY_INSTAGRAM
