"""Channels: the platform accounts of a workspace, and what their types can do."""

from inbox_core.app.channels import ChannelSettings, change_channel, connect_channel
from inbox_core.app.validate import validate_channel
from inbox_core.domain.errors import VersionMismatch
from inbox_core.entrypoints.http.models import ChannelBody, ChannelPatch, Channels, ChannelTypes
from inbox_core.entrypoints.http.problems import Refused
from inbox_core.entrypoints.http.route import Answer, Backend, Call


async def list_channels(backend: Backend, call: Call) -> Answer:
    return Answer(Channels(items=list(await backend.reading.channels(call.workspace))))


async def list_channel_types(backend: Backend, _call: Call) -> Answer:
    """As their adapters announced them: screens ask this, and never the name of a type."""
    return Answer(ChannelTypes(items=list(backend.store.book.all())))


async def get_channel(backend: Backend, call: Call) -> Answer:
    channel = await backend.reading.channel(call.key("channel_id"))
    return Answer(channel, version=channel.version)


async def create_channel(backend: Backend, call: Call) -> Answer:
    body: ChannelBody = call.body
    channel = await connect_channel(
        backend.desk,
        call.workspace,
        (body.type, body.account),
        ChannelSettings(name=body.name, secret=body.secret, config=body.config),
        call.caller.actor,
        backend.clock(),
    )
    return Answer(channel, status=201, version=channel.version)


async def update_channel(backend: Backend, call: Call) -> Answer:
    body: ChannelPatch = call.body
    key = call.key("channel_id")
    settings = ChannelSettings(body.name, body.enabled, body.secret, body.config)
    try:
        channel = await change_channel(
            backend.desk, key, settings, call.version, call.caller.actor, backend.clock()
        )
    except VersionMismatch as error:
        raise Refused(error, await backend.reading.channel(key)) from None
    return Answer(channel, version=channel.version)


async def check_channel(backend: Backend, call: Call) -> Answer:
    """Ask the platform again whether it takes the credential."""
    channel = await validate_channel(
        backend.desk, call.key("channel_id"), call.caller.actor, backend.clock()
    )
    return Answer(channel, version=channel.version)
