"""Deliver: what a command is at WhatsApp. Given to adapter.roles by main()."""

from typing_extensions import override

from adapter.channels import Credential
from adapter.deliver.call import Caller, Handed
from contracts.commands import ActionCommand, SendCommand
from ingest_whatsapp.requests import reaction_of, read_of, request_of
from metagraph.graph import GraphClient, Upload


class WhatsAppCaller(Caller):
    """Everything goes to the node of the phone number."""

    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    @override
    async def upload(self, command: SendCommand, credential: Credential, file: Upload) -> str:
        return await self._graph.upload_media(command.account, credential.token, file)

    @override
    async def send(self, command: SendCommand, credential: Credential, file: Handed | None) -> str:
        body = request_of(command, file)
        sent = await self._graph.send_message(command.account, credential.token, body)
        return sent.message_id

    @override
    async def act(self, command: ActionCommand, credential: Credential) -> bool:
        """Typing ends by itself and marks the message read; without a message there is neither."""
        action, message_id = command.data.action, command.data.external_id
        if action in {"react", "unreact"}:
            body = reaction_of(command)
            await self._graph.send_message(command.account, credential.token, body)
            return True
        if action == "typing_off" or message_id is None:
            return False
        body = read_of(message_id, typing=action == "typing_on")
        await self._graph.post_action(command.account, credential.token, body)
        return True
