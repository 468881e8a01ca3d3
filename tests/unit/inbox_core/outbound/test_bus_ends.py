"""What adapters announce reaches the book; what they are asked comes back, or nothing does."""

from uuid import UUID

import pytest

from bus.memory import MemoryBus
from contracts import subjects
from contracts.parts import Problem
from contracts.rpc import ValidateAnswer, ValidateRequest
from inbox_core.adapters.bus import asking
from inbox_core.adapters.bus.asking import ValidationDesk
from inbox_core.adapters.bus.capabilities import follow_capabilities
from inbox_core.app.capabilities import FALLBACK, Book
from support.capable import capable
from support.waiting import eventually

QUESTION = ValidateRequest(
    workspace_id=UUID(int=1),
    channel_id=UUID(int=2),
    type="telepathy",
    account="a",
    secret="sv1.sealed",
)


async def test_the_book_follows_what_is_announced() -> None:
    bus, book = MemoryBus(), Book()
    bucket = bus.bucket("capabilities")
    await bucket.put("telepathy", capable("telepathy").model_dump_json().encode())
    await follow_capabilities(bucket, book)
    assert [known.channel for known in book.all()] == ["telepathy"]
    await bucket.put("telepathy", capable("telepathy", replies=False).model_dump_json().encode())
    await eventually(lambda: not book.of("telepathy").replies)
    await bucket.put("telepathy", b"{}")
    await bucket.put("smoke", capable("smoke").model_dump_json().encode())
    await eventually(lambda: book.of("smoke").replies)
    assert book.of("telepathy").text.max == capable().text.max
    await bucket.delete("telepathy")
    await eventually(lambda: book.of("telepathy").text == FALLBACK.text)
    await bus.close()


async def test_a_question_and_its_answer() -> None:
    bus = MemoryBus()
    answer = ValidateAnswer(problem=Problem(kind="auth", message="No."), field="secret")

    async def adapter(body: bytes) -> bytes:
        assert ValidateRequest.model_validate_json(body) == QUESTION
        return answer.model_dump_json().encode()

    await bus.serve(subjects.validate("telepathy"), adapter)
    assert await ValidationDesk(bus).ask(QUESTION) == answer
    await bus.close()


async def test_nobody_nonsense_and_silence_are_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    bus = MemoryBus()
    assert await ValidationDesk(bus).ask(QUESTION) is None

    async def nonsense(_body: bytes) -> bytes:
        return b"[]"

    await bus.serve(subjects.validate("telepathy"), nonsense)
    assert await ValidationDesk(bus).ask(QUESTION) is None

    async def silence(_body: bytes) -> bytes:
        raise LookupError("no answer")

    monkeypatch.setattr(asking, "DEADLINE_S", 0.05)
    quiet = QUESTION.model_copy(update={"type": "smoke"})
    await bus.serve(subjects.validate("smoke"), silence)
    assert await ValidationDesk(bus).ask(quiet) is None
    await bus.close()
