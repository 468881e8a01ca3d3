"""The gateway's view of its channels, and what it tells when one is gone."""

import asyncio
from uuid import UUID, uuid4

import pytest

from adapter.channels import Channels
from contracts.records import ChannelRecord, channel_key
from support.skipping import run_skipping
from vault.keyring import KeyRing
from vault.seal import Place, seal
from widget_gateway.site.channels import BACK_S, Directory

RING = KeyRing.new("channels", "test")
WORKSPACE, CHANNEL = uuid4(), uuid4()
KEY = channel_key("widget", "my-shop")


def record(*, enabled: bool = True, origins: str = "https://shop.example") -> bytes:
    place = Place(WORKSPACE, "channels", CHANNEL, "secret")
    made = ChannelRecord(
        id=CHANNEL,
        workspace_id=WORKSPACE,
        type="widget",
        account="my-shop",
        enabled=enabled,
        secret=seal(RING, "the secret", place),
        version=1,
        config={"origins": origins},
    )
    return made.model_dump_json().encode()


@pytest.mark.parametrize("value", [record(enabled=False), record(origins="nonsense")])
async def test_a_channel_that_goes_is_told_of(value: bytes | None) -> None:
    records, gone = Channels(RING, {"widget"}), list[UUID]()
    directory = Directory(records)
    directory.on_gone(gone.append)
    assert directory.find("my-shop") is None
    await records.changed(KEY, record())
    found = directory.find("my-shop")
    assert found is not None
    assert (found.id, found.workspace_id, found.secret) == (CHANNEL, WORKSPACE, "the secret")
    assert "the secret" not in repr(found)
    assert directory.find("my-shop") is found
    await records.changed(KEY, value)
    assert directory.find("my-shop") is None
    assert gone == [CHANNEL]


async def test_a_channel_that_changes_stays() -> None:
    records, gone = Channels(RING, {"widget"}), list[UUID]()
    await records.changed(KEY, record())
    directory = Directory(records)
    directory.on_gone(gone.append)
    await records.changed(KEY, record(origins="https://new.example"))
    found = directory.find("my-shop")
    assert found is not None
    assert found.site.origins.allow("https://new.example")
    assert gone == []


@pytest.mark.parametrize(
    ("then", "told_at_once", "told"),
    [
        (record(), [], []),
        (record(origins="https://new.example"), [], []),
        (record(origins="nonsense"), [CHANNEL], [CHANNEL]),
        (record(enabled=False), [], [CHANNEL]),
        (None, [], [CHANNEL]),
    ],
    ids=["back", "changed", "unreadable", "switched off", "gone for good"],
)
def test_a_channel_outlives_its_record_for_a_while(
    then: bytes | None, told_at_once: list[UUID], told: list[UUID]
) -> None:
    """As when the bucket is made anew."""

    async def story() -> None:
        records, gone = Channels(RING, {"widget"}), list[UUID]()
        directory = Directory(records)
        directory.on_gone(gone.append)
        await records.changed(KEY, record())
        found = directory.find("my-shop")
        await records.changed(KEY, None)
        assert directory.find("my-shop") is found
        await asyncio.sleep(BACK_S / 2)
        if then is not None:
            await records.changed(KEY, then)
        assert gone == told_at_once
        assert (directory.find("my-shop") is None) == (then is not None and bool(told))
        await asyncio.sleep(BACK_S)
        assert gone == told
        assert (directory.find("my-shop") is None) == bool(told)

    run_skipping(story())


def test_a_directory_that_closes_tells_nothing_more() -> None:
    async def story() -> None:
        records, gone = Channels(RING, {"widget"}), list[UUID]()
        directory = Directory(records)
        directory.on_gone(gone.append)
        await records.changed(KEY, record())
        await records.changed(KEY, None)
        directory.close()
        await asyncio.sleep(2 * BACK_S)
        assert gone == []

    run_skipping(story())
