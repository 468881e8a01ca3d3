"""The mirror of accounts tells whoever follows it what changed."""

from uuid import uuid4

from adapter.channels import Channels, Credential
from contracts.records import ChannelRecord, channel_key
from vault.keyring import KeyRing
from vault.seal import Place, seal

RING = KeyRing.new("channels", "test")
WORKSPACE, CHANNEL = uuid4(), uuid4()


def record(*, enabled: bool = True, **config: str) -> bytes:
    place = Place(WORKSPACE, "channels", CHANNEL, "secret")
    return ChannelRecord(
        id=CHANNEL,
        workspace_id=WORKSPACE,
        type="widget",
        account="my-shop",
        enabled=enabled,
        secret=seal(RING, "secret", place),
        version=1,
        config=config,
    ).model_dump_json().encode()  # fmt: skip


async def test_before_and_now_of_every_change() -> None:
    told: list[tuple[Credential | None, Credential | None]] = []
    channels = Channels(RING, {"widget"})
    channels.on_change(lambda before, now: told.append((before, now)))
    key = channel_key("widget", "my-shop")
    for value in (record(), record(title="Shop"), record(enabled=False), None, b"no record"):
        await channels.changed(key, value)
    await channels.changed(channel_key("whatsapp", "123"), record())

    configs = [
        tuple(None if one is None else dict(one.config) for one in change) for change in told
    ]
    assert configs == [
        (None, {}),
        ({}, {"title": "Shop"}),
        ({"title": "Shop"}, None),
        (None, None),
        (None, None),
    ]
