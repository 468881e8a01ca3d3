"""Channels: the platform accounts of a workspace."""

from inbox_core.app.channels import ChannelSettings, change_channel, connect_channel
from inbox_core.domain.errors import VersionMismatch
from inbox_core.entrypoints.http.models import ChannelBody, ChannelPatch, Channels
from inbox_core.entrypoints.http.problems import Refused
from inbox_core.entrypoints.http.route import Answer, Backend, Call


async def list_channels(backend: Backend, call: Call) -> Answer:
    return Answer(Channels(items=list(await backend.reading.channels(call.workspace))))


async def get_channel(backend: Backend, call: Call) -> Answer:
    channel = await backend.reading.channel(call.key("channel_id"))
    return Answer(channel, version=channel.version)


async def create_channel(backend: Backend, call: Call) -> Answer:
    body: ChannelBody = call.body
    channel = await connect_channel(
        backend.store,
        backend.mirror,
        backend.channel_ring,
        call.workspace,
        (body.type, body.account),
        ChannelSettings(name=body.name, secret=body.secret),
        call.caller.actor,
        backend.clock(),
    )
    return Answer(channel, status=201, version=channel.version)


async def update_channel(backend: Backend, call: Call) -> Answer:
    body: ChannelPatch = call.body
    key = call.key("channel_id")
    try:
        channel = await change_channel(
            backend.store,
            backend.mirror,
            backend.channel_ring,
            key,
            ChannelSettings(name=body.name, enabled=body.enabled, secret=body.secret),
            call.version,
            call.caller.actor,
            backend.clock(),
        )
    except VersionMismatch as error:
        raise Refused(error, await backend.reading.channel(key)) from None
    return Answer(channel, version=channel.version)
