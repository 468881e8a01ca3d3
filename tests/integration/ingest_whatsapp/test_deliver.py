"""Commands to Graph and results back: what each call comes to, and what each crash leaves."""

import asyncio
import contextlib

import pytest

from bus.commanding import Done, Later
from contracts.commands import SendCommand
from contracts.events import SendResultEvent
from contracts.parts import Alias, Part, Problem
from support import whatsapp as wa
from support.delivery import CALL_TIMEOUT_S, Delivery, Process, command, file_part
from support.waiting import until_true, within
from vault.keyring import KeyRing

BSUID = Alias(kind="bsuid", value="US.13491208655302741918")
PHONE = Alias(kind="phone", value=wa.PERSON)


def came_to(results: list[SendResultEvent]) -> list[str]:
    return [result.data.outcome for result in results]


def problem(result: SendResultEvent) -> Problem:
    assert result.data.problem is not None
    return result.data.problem


async def killed(work: asyncio.Task[object]) -> None:
    work.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await work


async def test_a_text_is_sent_once_and_its_result_told(delivery: Delivery) -> None:
    await delivery.process()
    asked = command(reply_to="wamid.BEFORE")
    await delivery.ask(asked)
    result = await delivery.result_of(asked)
    (entry,) = delivery.accepted()
    assert (result.data.outcome, result.data.external_id) == ("sent", entry.wamid)
    assert result.id == f"whatsapp:{wa.ACCOUNT}:send_result:{asked.id}:sent"
    assert entry.phone_number_id == wa.ACCOUNT
    assert entry.body == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": wa.PERSON,
        "type": "text",
        "text": {"body": "Hello", "preview_url": False},
        "context": {"message_id": "wamid.BEFORE"},
        "biz_opaque_callback_data": asked.id,
    }
    await delivery.settled()


async def test_the_alias_used_last_is_written_to(delivery: Delivery) -> None:
    process = await delivery.process(reading=False)
    for to in ([BSUID, PHONE], [PHONE, BSUID]):
        assert await process.handle(command(to=to)) == Done()
    first, second = (entry.body for entry in delivery.accepted())
    assert (first["recipient"], first.get("to")) == (BSUID.value, None)
    assert (second["to"], second.get("recipient")) == (PHONE.value, None)


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        (command(Part(kind="hologram", text="x")), "content"),
        (command(Part(kind="text", text="")), "content"),
        (command(to=[Alias(kind="psid", value="1")]), "undeliverable"),
        (command(lives_s=1, age_s=2), "expired"),
        (command(account="1", age_s=601), "no_channel"),
    ],
    ids=["a new kind", "no words", "nobody", "too late", "no channel"],
)
async def test_what_can_never_be_sent_fails_without_a_call(
    delivery: Delivery, asked: SendCommand, kind: str
) -> None:
    process = await delivery.process(reading=False)
    assert await process.handle(asked) == Done()
    (result,) = await delivery.results()
    assert (result.data.outcome, problem(result).kind) == ("failed", kind)
    assert delivery.accepted() == []


async def test_a_closed_window_is_final_and_said_in_words(delivery: Delivery) -> None:
    process = await delivery.process(reading=False)
    delivery.befall(do="error", code=131047)
    assert await process.handle(command()) == Done()
    (result,) = await delivery.results()
    assert (result.data.outcome, problem(result).code) == ("failed", "131047")
    assert "template" in problem(result).message


@pytest.mark.parametrize("code", [131016, 2])
async def test_what_was_certainly_not_sent_is_sent_later(delivery: Delivery, code: int) -> None:
    process = await delivery.process(reading=False)
    asked = command()
    delivery.befall(do="error", code=code)
    verdict = await process.handle(asked)
    assert isinstance(verdict, Later)
    assert verdict.delay_s >= 5
    assert await delivery.results() == []
    assert await process.handle(asked, deliveries=2) == Done()
    assert came_to(await delivery.results()) == ["sent"]
    assert len(delivery.accepted()) == 1


async def test_too_fast_for_one_person_delays_that_person_alone(delivery: Delivery) -> None:
    process = await delivery.process(reading=False)
    delivery.befall(do="error", code=131056)
    for _ in range(2):
        assert isinstance(await process.handle(command()), Later)
    assert await process.handle(command(to=[Alias(kind="phone", value="15550001111")])) == Done()
    assert len(delivery.accepted()) == 1


async def test_what_could_be_tried_again_only_too_late_fails_with_its_reason(
    delivery: Delivery,
) -> None:
    process = await delivery.process(reading=False)
    delivery.befall(do="error", code=131016)
    assert await process.handle(command(lives_s=3)) == Done()
    (result,) = await delivery.results()
    assert (result.data.outcome, problem(result).kind) == ("failed", "transient")


@pytest.mark.parametrize("fault", ["accept_then_reset", "accept_then_hang", "reset"])
async def test_an_unclear_answer_is_unknown_and_never_called_again(
    delivery: Delivery, fault: str
) -> None:
    process = await delivery.process(reading=False)
    asked = command()
    delivery.befall(do=fault)
    assert await process.handle(asked) == Done()
    accepted = len(delivery.accepted())
    assert await process.handle(asked, deliveries=2) == Done()
    assert len(delivery.accepted()) == accepted <= 1
    first, second = await delivery.results()
    assert first == second
    assert first.data.outcome == "unknown"


async def test_a_file_is_uploaded_once_and_sent_by_its_id(delivery: Delivery) -> None:
    await delivery.store(b"meow")
    process = await delivery.process(reading=False)
    for _ in range(2):
        assert await process.handle(command(file_part())) == Done()
    first, second = (entry.body["image"]["id"] for entry in delivery.accepted())
    file = delivery.emulator.files.get(first)
    assert first == second
    assert file is not None
    assert (file.content, file.mime_type) == (b"meow", "image/png")


async def test_an_id_meta_no_longer_knows_is_uploaded_anew_once(delivery: Delivery) -> None:
    await delivery.store(b"meow")
    process = await delivery.process(reading=False)
    assert await process.handle(command(file_part())) == Done()
    delivery.befall(do="error", code=131053)
    asked = command(file_part())
    assert isinstance(await process.handle(asked), Later)
    assert await process.handle(asked, 2) == Done()
    ids = [entry.body["image"]["id"] for entry in delivery.accepted()]
    assert len(set(ids)) == 2


async def test_a_file_meta_does_not_take_is_tried_a_few_times(delivery: Delivery) -> None:
    await delivery.store(b"meow")
    process = await delivery.process(reading=False)
    delivery.befall(do="error", code=131053, times=100, match={"type": "upload"})
    asked = command(file_part(), lives_s=86400)
    verdicts = [await process.handle(asked, number) for number in range(1, 5)]
    assert [type(verdict) for verdict in verdicts] == [Later, Later, Later, Done]
    (result,) = await delivery.results()
    assert (result.data.outcome, problem(result).kind) == ("failed", "media")
    assert delivery.accepted() == []


async def test_killed_in_the_upload_nothing_was_called_and_it_is_sent_after_all(
    delivery: Delivery,
) -> None:
    await delivery.store(b"meow")
    first = await delivery.process(reading=False)
    second = await delivery.process(reading=False)
    asked = command(file_part())
    delivery.befall(do="delay", seconds=60, match={"type": "upload"})
    uploading = asyncio.create_task(first.handle(asked))
    await until_true(lambda: _befallen(delivery))
    await killed(uploading)
    assert await second.handle(asked, 2) == Done()
    assert came_to(await delivery.results()) == ["sent"]


async def test_without_its_channel_a_command_waits_for_it(delivery: Delivery) -> None:
    await delivery.channel(enabled=False)
    process = await delivery.process(reading=False)
    asked = command()
    assert isinstance(await process.handle(asked), Later)
    await delivery.channel(version=2)
    await until_true(lambda: _credential(process, version=2))
    assert await process.handle(asked) == Done()
    assert came_to(await delivery.results()) == ["sent"]


async def test_a_secret_that_does_not_open_is_no_channel(delivery: Delivery) -> None:
    other, delivery.ring = delivery.ring, KeyRing.new("channels", "another")
    await delivery.channel(version=2)
    delivery.ring = other
    process = await delivery.process(reading=False)
    assert isinstance(await process.handle(command()), Later)
    assert delivery.accepted() == []


async def test_a_refused_credential_pauses_the_channel_until_it_is_replaced(
    delivery: Delivery,
) -> None:
    process = await delivery.process(reading=False)
    delivery.befall(do="error", code=190)
    await process.handle(command())
    assert [problem(result).kind for result in await delivery.results()] == ["auth"]
    waiting = command()
    assert isinstance(await process.handle(waiting), Later)
    assert delivery.accepted() == []
    await delivery.channel(token="a-new-one", version=2)
    await until_true(lambda: _credential(process, version=2))
    assert await process.handle(waiting) == Done()
    assert len(delivery.accepted()) == 1


async def test_killed_in_the_call_the_outcome_is_unknown_and_nobody_calls_again(
    delivery: Delivery,
) -> None:
    first = await delivery.process(reading=False)
    second = await delivery.process(reading=False)
    asked = command()
    delivery.befall(do="accept_then_hang")
    call = asyncio.create_task(first.handle(asked))
    await until_true(lambda: _accepted(delivery, 1))
    await killed(call)

    assert isinstance(await second.handle(asked, 2), Later)

    async def done() -> bool:
        return await second.handle(asked, 3) == Done()

    await until_true(done)
    assert came_to(await delivery.results()) == ["unknown"]
    assert len(delivery.accepted()) == 1


async def test_killed_before_the_result_was_told_the_next_one_tells_it(delivery: Delivery) -> None:
    first = await delivery.process(reading=False)
    second = await delivery.process(reading=False)
    asked = command()
    await first.batcher.stop()
    held = asyncio.create_task(first.handle(asked))
    await until_true(lambda: _finished(second, asked.id))
    await killed(held)
    assert await delivery.results() == []
    assert await second.handle(asked, 2) == Done()
    assert came_to(await delivery.results()) == ["sent"]
    assert len(delivery.accepted()) == 1


async def test_a_lost_acknowledgement_repeats_the_very_same_result(delivery: Delivery) -> None:
    process = await delivery.process(reading=False)
    asked = command()
    for deliveries in (1, 2, 3):
        assert await process.handle(asked, deliveries) == Done()
    results = await delivery.results()
    assert len(delivery.accepted()) == 1
    assert {result.model_dump_json() for result in results} == {results[0].model_dump_json()}


async def test_while_the_bus_is_away_outcome_and_result_are_held(delivery: Delivery) -> None:
    process = await delivery.process(reading=False)
    asked = command()
    delivery.befall(do="delay", seconds=CALL_TIMEOUT_S / 2)
    sending = asyncio.create_task(process.handle(asked))
    await until_true(lambda: _accepted(delivery, 1))
    await delivery.rig.outage()
    await delivery.rig.recover()
    assert await within(sending) == Done()
    # A publish the outage left unanswered is repeated: perhaps twice on the bus, one id for both.
    results = await delivery.results()
    assert {result.data.outcome for result in results} == {"sent"}
    assert len({result.id for result in results}) == 1


async def test_two_processes_and_a_relay_that_repeats_itself_send_each_once(
    delivery: Delivery,
) -> None:
    for _ in range(2):
        await delivery.process()
    people = [Alias(kind="phone", value=f"1555000{n:04}") for n in range(30)]
    asked = [command(to=[person]) for person in people]
    await delivery.ask(*asked, *asked)
    for one in asked:
        assert (await delivery.result_of(one)).data.outcome == "sent"
    await delivery.settled()
    assert sorted(entry.ref or "" for entry in delivery.accepted()) == sorted(c.id for c in asked)
    assert len({result.id for result in await delivery.results()}) == len(asked)


async def _accepted(delivery: Delivery, count: int) -> bool:
    return len(delivery.accepted()) == count


async def _befallen(delivery: Delivery) -> bool:
    return delivery.emulator.script.pending() == 0


async def _credential(process: Process, version: int) -> bool:
    credential = process.channels.credential("whatsapp", wa.ACCOUNT)
    return credential is not None and credential.version == version


async def _finished(process: Process, key: str) -> bool:
    entry = await process.bus.bucket("claims").get(key)
    return entry is not None and b'"done"' in entry.value
