"""Bucket: compare-and-set, tombstones, and a watch that misses nothing for good."""

import asyncio

import pytest

from bus.errors import Conflict, Permanent, Unavailable
from bus.ports import Bucket
from support.rigs import AnyBus, Rig
from support.waiting import eventually, within


@pytest.fixture
def claims(bus: AnyBus) -> Bucket:
    return bus.bucket("claims")


async def test_a_created_value_is_read_back(claims: Bucket) -> None:
    assert await claims.get("a.1.0") is None
    revision = await claims.create("a.1.0", b"one")
    entry = await claims.get("a.1.0")
    assert entry is not None
    assert (entry.key, entry.value, entry.revision) == ("a.1.0", b"one", revision)


async def test_a_second_create_loses(claims: Bucket) -> None:
    await claims.create("a", b"one")
    with pytest.raises(Conflict):
        await claims.create("a", b"two")


async def test_of_two_that_create_at_once_one_wins(rig: Rig) -> None:
    buckets = [(await rig.another()).bucket("claims") for _ in range(4)]
    results = await asyncio.gather(
        *(bucket.create("a", b"%d" % n) for n, bucket in enumerate(buckets)), return_exceptions=True
    )
    won = [result for result in results if isinstance(result, int)]
    lost = [result for result in results if isinstance(result, Conflict)]
    assert (len(won), len(lost)) == (1, 3)


async def test_update_needs_the_latest_revision(claims: Bucket) -> None:
    first = await claims.create("a", b"one")
    second = await claims.update("a", b"two", first)
    assert second > first
    with pytest.raises(Conflict):
        await claims.update("a", b"three", first)
    entry = await claims.get("a")
    assert entry is not None
    assert entry.value == b"two"


async def test_a_deleted_key_can_be_created_again(claims: Bucket) -> None:
    await claims.create("a", b"one")
    await claims.delete("a")
    assert await claims.get("a") is None
    assert await claims.entries() == []
    await claims.create("a", b"two")
    [entry] = await claims.entries()
    assert entry.value == b"two"


async def test_put_overwrites(claims: Bucket) -> None:
    await claims.put("a", b"one")
    await claims.put("b", b"two")
    await claims.put("a", b"three")
    assert {entry.key: entry.value for entry in await claims.entries()} == {
        "a": b"three",
        "b": b"two",
    }


async def test_entries_are_all_there_are(claims: Bucket) -> None:
    await asyncio.gather(*(claims.put(f"key.{n}", b"v") for n in range(1100)))
    assert len(await claims.entries()) == 1100


@pytest.mark.parametrize("key", ["", "a b", "a*", "a>", ".a", "a.", "ä"])
async def test_a_key_that_would_escape_its_place_is_refused(claims: Bucket, key: str) -> None:
    with pytest.raises(Permanent):
        await claims.put(key, b"x")


class Seen:
    """What a watch told, and the state that follows from it."""

    def __init__(self) -> None:
        self.now: dict[str, bytes] = {}
        self.calls = 0

    async def changed(self, key: str, value: bytes | None) -> None:
        self.calls += 1
        if value is None:
            self.now.pop(key, None)
        else:
            self.now[key] = value

    async def becomes(self, state: dict[str, bytes]) -> None:
        await eventually(lambda: self.now == state)


async def test_a_watch_tells_what_is_there_and_what_comes(rig: Rig) -> None:
    channels, seen = rig.bus.bucket("channels"), Seen()
    await channels.put("a", b"1")
    await channels.put("gone", b"1")
    await channels.delete("gone")
    await within(channels.watch(seen.changed))
    assert seen.now == {"a": b"1"}

    elsewhere = (await rig.another()).bucket("channels")
    await elsewhere.put("b", b"2")
    await seen.becomes({"a": b"1", "b": b"2"})
    await elsewhere.delete("a")
    await seen.becomes({"b": b"2"})
    await elsewhere.create("a", b"3")
    await seen.becomes({"a": b"3", "b": b"2"})
    assert seen.calls == 4


async def test_a_lost_compare_and_set_is_no_change(rig: Rig) -> None:
    channels, seen = rig.bus.bucket("channels"), Seen()
    await channels.put("a", b"1")
    await channels.watch(seen.changed)
    with pytest.raises(Conflict):
        await channels.create("a", b"loser")
    await channels.put("z", b"last")
    await seen.becomes({"a": b"1", "z": b"last"})
    assert seen.calls == 2


async def test_a_watch_outlives_outages(rig: Rig) -> None:
    channels, seen = rig.bus.bucket("channels"), Seen()
    await channels.put("a", b"1")
    await channels.watch(seen.changed)
    for turn in (b"2", b"3"):
        await rig.outage()
        with pytest.raises(Unavailable):
            await channels.put("a", b"not stored")
        await rig.recover()
        await channels.put("a", turn)
        await seen.becomes({"a": turn})


async def test_a_listener_that_fails_hears_the_next_change(rig: Rig) -> None:
    channels, seen = rig.bus.bucket("channels"), Seen()

    async def picky(key: str, value: bytes | None) -> None:
        if value == b"bad":
            raise ValueError(value)
        await seen.changed(key, value)

    await channels.put("a", b"bad")
    await channels.put("b", b"good")
    await channels.watch(picky)
    assert seen.now == {"b": b"good"}
    await channels.put("b", b"bad")
    await channels.put("a", b"mended")
    await seen.becomes({"a": b"mended", "b": b"good"})


async def test_an_empty_bucket_can_be_watched(rig: Rig) -> None:
    channels, seen = rig.bus.bucket("channels"), Seen()
    await channels.watch(seen.changed)
    assert seen.calls == 0
    await channels.put("a", b"1")
    await seen.becomes({"a": b"1"})


async def test_a_watch_finds_its_way_when_the_bucket_is_made_anew(rig: Rig) -> None:
    channels, seen = rig.bus.bucket("channels"), Seen()
    for key in ("a", "b", "c"):
        await channels.put(key, b"old")
    await channels.watch(seen.changed)
    await rig.remake("KV_channels")
    await channels.put("b", b"new")
    await seen.becomes({"b": b"new"})
