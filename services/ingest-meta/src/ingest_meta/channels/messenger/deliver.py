"""Deliver: what a command is at Messenger. Given to adapter.roles by main()."""

from typing_extensions import override

from adapter.channels import Credential
from adapter.deliver.call import Caller, Handed
from contracts.commands import ActionCommand, SendCommand
from ingest_meta.channels.messenger.requests import action_of, request_of
from ingest_meta.send_api import ATTACHMENTS
from metagraph.graph import ME, GraphClient, Upload


class MessengerCaller(Caller):
    """Everything goes to `me`, which the page's token names."""

    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    @override
    async def upload(self, command: SendCommand, credential: Credential, file: Upload) -> str:
        kind = ATTACHMENTS[command.data.part.kind]
        return await self._graph.upload_attachment(credential.token, file, kind)

    @override
    async def send(self, command: SendCommand, credential: Credential, file: Handed | None) -> str:
        body = request_of(command, file)
        return (await self._graph.send_page_message(credential.token, body)).message_id

    @override
    async def act(self, command: ActionCommand, credential: Credential) -> bool:
        await self._graph.post_action(ME, credential.token, action_of(command))
        return True
