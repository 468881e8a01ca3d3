"""notify and listen: core NATS, droppable. ask and serve: one answer, or an error that says why."""

import asyncio

import pytest

from bus.errors import Ambiguous, Unavailable
from bus.ports import Bus
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


async def asked(bus: Bus, subject: str, body: bytes, timeout_s: float) -> bytes:
    """Again while the server's subscription is on its way: core NATS promises nothing to it."""
    async with asyncio.timeout(10):
        while True:
            try:
                return await bus.ask(subject, body, timeout_s)
            except Unavailable:
                await asyncio.sleep(0.005)


async def test_a_request_is_answered_by_one_of_the_servers(rig: Rig) -> None:
    answered: list[str] = []
    other = await rig.another()

    def server(name: str):  # type: ignore[no-untyped-def] # noqa: ANN202 # two lines below say it
        async def answer(body: bytes) -> bytes:
            answered.append(name)
            return body.upper()

        return answer

    await rig.bus.serve("rpc.test.echo", server("one"))
    await other.serve("rpc.test.echo", server("two"))
    assert await asked(other, "rpc.test.echo", b"words", 5) == b"WORDS"
    assert len(answered) == 1


async def test_nobody_there_is_known_at_once(rig: Rig) -> None:
    with pytest.raises(Unavailable):
        await rig.bus.ask("rpc.test.nobody", b"", 5)


async def test_a_server_that_fails_or_is_slow_is_ambiguous(rig: Rig) -> None:
    async def answer(body: bytes) -> bytes:
        if body == b"slow":
            await asyncio.sleep(60)
        raise ValueError(body)

    await rig.bus.serve("rpc.test.bad", answer)
    for body in (b"slow", b"bad"):
        with pytest.raises(Ambiguous):
            await asked(rig.bus, "rpc.test.bad", body, 0.2)


async def test_a_listener_that_ended_hears_no_more_and_the_others_do(rig: Rig) -> None:
    heard: list[str] = []

    async def first(_subject: str, _body: bytes) -> None:
        heard.append("first")

    async def second(_subject: str, _body: bytes) -> None:
        heard.append("second")

    hush = await rig.bus.listen("visitor.c1.v1", first)
    await rig.bus.listen("visitor.c1.v1", second)
    await hush()
    await hush()
    await asyncio.sleep(0.05)
    await rig.bus.notify("visitor.c1.v1", b"hi")
    await eventually(lambda: heard == ["second"])


async def test_whoever_may_have_missed_signals_is_told(rig: Rig) -> None:
    regained: list[bool] = []
    rig.bus.on_regained(lambda: regained.append(True))
    await rig.outage()
    await rig.recover()
    await eventually(lambda: bool(regained))
