"""Deliver: the one call a send command is to WhatsApp. Given to Sender by main()."""

from adapter.channels import Credential
from contracts.commands import SendCommand
from ingest_whatsapp.requests import request_of
from metagraph.graph import GraphClient


class WhatsAppCall:
    """`POST /<phone number>/messages`. As adapter.deliver.sender.Call."""

    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def __call__(self, command: SendCommand, credential: Credential) -> str:
        body = request_of(command)
        sent = await self._graph.send_message(command.account, credential.token, body)
        return sent.message_id
