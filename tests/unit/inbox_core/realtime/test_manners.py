"""The small parts: frames a client may send, how often, and what it tells the others."""

from uuid import UUID

import pytest

from inbox_core.entrypoints.realtime import signals
from inbox_core.entrypoints.realtime.closing import KNOWN_CODES
from inbox_core.entrypoints.realtime.frames import (
    Hello,
    NotAFrame,
    Ping,
    Reset,
    Sub,
    Subbed,
    Typing,
    decode,
    encode,
)
from inbox_core.entrypoints.realtime.presence import Presence
from inbox_core.entrypoints.realtime.reading import Bucket
from inbox_core.entrypoints.realtime.signals import Signal

CONVERSATION, ELSEWHERE = UUID(int=3), UUID(int=4)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"t":"hello","proto":1,"ticket":"x"}', Hello),
        ('{"t":"hello","proto":1,"ticket":"x","resume":{"cursor":"e.1"},"new":1}', Hello),
        ('{"t":"hello","proto":2,"ticket":"x"}', None),
        ('{"t":"hello","proto":1}', None),
        ('{"t":"hello","proto":1,"ticket":"x","resume":{"cursor":"' + "9" * 65 + '"}}', None),
        (f'{{"t":"sub","open":"{CONVERSATION}"}}', Sub),
        ('{"t":"sub","open":null}', Sub),
        ('{"t":"sub","open":"*"}', None),
        (f'{{"t":"typing","conv":"{CONVERSATION}","on":true}}', Typing),
        ('{"t":"typing","on":true}', None),
        ('{"t":"ping","k":1}', Ping),
        ('{"t":"ev"}', None),
        ('{"k":1}', None),
        ("", None),
        ("[]", None),
        ("NaN", None),
        ("[" * 10_000, None),
    ],
)
def test_what_a_client_may_send(text: str, kind: type[object] | None) -> None:
    if kind is None:
        with pytest.raises(NotAFrame):
            decode(text)
    else:
        assert isinstance(decode(text), kind)


def test_a_refusal_never_quotes_the_ticket() -> None:
    with pytest.raises(NotAFrame) as refused:
        decode('{"t":"hello","proto":9,"ticket":"my-secret-ticket"}')
    assert "my-secret-ticket" not in str(refused.value)


def test_null_is_said_where_it_means_something() -> None:
    assert encode(Subbed(open=None)) == b'{"t":"subbed","open":null}'
    assert encode(Reset(reason="epoch")) == b'{"t":"reset","reason":"epoch"}'


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_twenty_frames_a_second_and_forty_at_once() -> None:
    clock = Clock()
    bucket = Bucket(20, 40, clock)
    assert [bucket.take() for _ in range(41)] == [True] * 40 + [False]
    clock.now += 1
    assert [bucket.take() for _ in range(21)] == [True] * 20 + [False]
    clock.now += 3600
    assert sum(bucket.take() for _ in range(100)) == 40


class Others:
    """What the others of the workspace are told."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.heard: list[tuple[str, int, bool]] = []
        self.presence = Presence("c-1", "ana", self._tell, self.clock, every_s=3)

    async def _tell(self, signal: Signal) -> None:
        self.heard.append((signal.kind, signal.conv.int if signal.conv else 0, signal.on))


def typing(*, on: bool) -> Typing:
    return Typing(t="typing", conv=CONVERSATION, on=on)


async def test_typing_is_passed_on_once_in_three_seconds() -> None:
    others = Others()
    for on in (True, True, False, False, True):
        await others.presence.typing(typing(on=on))
    assert others.heard == [("typing", 3, True), ("typing", 3, False)]
    others.clock.now += 3
    await others.presence.typing(typing(on=True))
    assert others.heard[2:] == [("typing", 3, True)]


async def test_another_conversation_ends_what_was_said_of_the_first() -> None:
    others = Others()
    await others.presence.look_at(CONVERSATION)
    await others.presence.typing(typing(on=True))
    await others.presence.look_at(CONVERSATION)
    await others.presence.look_at(ELSEWHERE)
    assert others.heard == [
        ("viewing", 3, True),
        ("typing", 3, True),
        ("typing", 3, False),
        ("viewing", 3, False),
        ("viewing", 4, True),
    ]
    await others.presence.leave()
    await others.presence.leave()
    assert others.heard[5:] == [("viewing", 4, False)]


async def test_an_answer_comes_from_those_who_are_there_and_not_too_often() -> None:
    others = Others()
    await others.presence.look_at(CONVERSATION)
    await others.presence.answer(ELSEWHERE)
    await others.presence.answer(CONVERSATION)
    await others.presence.answer(CONVERSATION)
    assert others.heard == [("viewing", 3, True)] * 2
    others.clock.now += 3
    await others.presence.still_here()
    assert others.heard == [("viewing", 3, True)] * 3


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("signal", b"{}"),
        ("signal.me.typing", b"{}"),
        (f"signal.{CONVERSATION}.typing", b"not json"),
        (f"signal.{CONVERSATION}.typing", b'{"kind":"dance","sender":"c","who":"a"}'),
        (f"signal.{CONVERSATION}.typing", b'{"kind":"typing","sender":"' + b"c" * 5000 + b'"}'),
    ],
)
def test_a_signal_that_cannot_be_read_is_passed_over(subject: str, body: bytes) -> None:
    assert signals.heard(subject, body) is None


def test_no_code_of_a_client_is_a_label_by_itself() -> None:
    assert len(KNOWN_CODES) < 20
