"""notify and listen: core NATS, droppable."""

import asyncio

from support.rigs import Rig
from support.waiting import eventually, until_true


async def test_a_signal_is_heard_by_every_listener_of_its_subject(rig: Rig) -> None:
    heard: list[tuple[str, str, bytes]] = []

    def listener(name: str):  # type: ignore[no-untyped-def] # noqa: ANN202 # two lines below say it
        async def hear(subject: str, body: bytes) -> None:
            heard.append((name, subject, body))

        return hear

    other = await rig.another()
    await rig.bus.listen("signal.w1.>", listener("all"))
    await other.listen("signal.*.typing", listener("typing"))
    await asyncio.sleep(0.05)  # core NATS promises nothing to a subscription still on its way
    await rig.bus.notify("signal.w1.typing", b"1")
    await rig.bus.notify("signal.w2.presence", b"2")
    await rig.bus.notify("signal.w2.typing", b"3")
    await eventually(lambda: len(heard) >= 3)
    assert sorted(heard) == [
        ("all", "signal.w1.typing", b"1"),
        ("typing", "signal.w1.typing", b"1"),
        ("typing", "signal.w2.typing", b"3"),
    ]


async def test_a_failing_listener_hears_the_next_one(rig: Rig) -> None:
    heard: list[bytes] = []

    async def hear(_: str, body: bytes) -> None:
        heard.append(body)
        if body == b"bad":
            raise ValueError(body)

    await rig.bus.listen("signal.>", hear)
    await asyncio.sleep(0.05)
    await rig.bus.notify("signal.w.typing", b"bad")
    await rig.bus.notify("signal.w.typing", b"good")
    await eventually(lambda: heard == [b"bad", b"good"])


async def test_without_a_server_a_signal_is_dropped_in_silence(rig: Rig) -> None:
    heard: list[bytes] = []

    async def hear(_: str, body: bytes) -> None:
        heard.append(body)

    await rig.bus.listen("signal.>", hear)
    await rig.outage()
    await rig.bus.notify("signal.w.typing", b"lost")
    await rig.recover()

    async def again() -> bool:
        await rig.bus.notify("signal.w.typing", b"found")
        await asyncio.sleep(0.01)
        return bool(heard)

    await until_true(again)
    assert set(heard) == {b"found"}
