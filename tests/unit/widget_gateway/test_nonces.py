"""A nonce is used once, also when the bus does not answer."""

from collections.abc import Sequence
from uuid import uuid4

import pytest

from bus.errors import Ambiguous, Conflict, Unavailable
from bus.memory import MemoryBus
from bus.ports import Entry
from widget_gateway.sessions.nonces import Nonces

CHANNEL = uuid4()


class SlowAnswers:
    """A bucket whose creates store (or do not) and then give no answer."""

    def __init__(self, stores: Sequence[bool]) -> None:
        self._stores = list(stores)
        self.entries: dict[str, bytes] = {}

    async def create(self, key: str, value: bytes) -> int:
        if key in self.entries:
            raise Conflict("it is there")
        if self._stores.pop(0):
            self.entries[key] = value
        raise Ambiguous("no answer in time")

    async def get(self, key: str) -> Entry | None:
        value = self.entries.get(key)
        return None if value is None else Entry(key, value, 1)


async def test_once_is_once() -> None:
    bus = MemoryBus()
    nonces = Nonces(bus.bucket("nonces"))
    assert await nonces.use(CHANNEL, "jti:1", "session")
    assert not await nonces.use(CHANNEL, "jti:1", "another")
    assert await nonces.use(CHANNEL, "nonce:1", "another")
    assert await nonces.use(uuid4(), "jti:1", "another")
    await bus.close()


async def test_who_lost_the_answer_shows_it_again() -> None:
    bus = MemoryBus()
    nonces = Nonces(bus.bucket("nonces"))
    for _ in range(2):
        assert await nonces.use(CHANNEL, "jti:1", "session")
    await bus.close()


@pytest.mark.parametrize(
    ("stores", "first"),
    [([True], True), ([False, True], True), ([False, False], None)],
)
async def test_without_an_answer_what_is_stored_decides(
    stores: Sequence[bool],
    first: bool | None,  # noqa: FBT001 - a row
) -> None:
    bucket = SlowAnswers(stores)
    nonces = Nonces(bucket)  # type: ignore[arg-type] # the two methods that are used
    if first is None:
        with pytest.raises(Unavailable):
            await nonces.use(CHANNEL, "jti:1", "session")
        return
    assert await nonces.use(CHANNEL, "jti:1", "session") is first
    assert not await nonces.use(CHANNEL, "jti:1", "another")
