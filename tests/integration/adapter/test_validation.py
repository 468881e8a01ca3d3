"""Validating: does the credential work, and is the app subscribed? Against the emulator."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from structlog.testing import capture_logs

from adapter.validation import Connect, Validation
from bus.memory import MemoryBus
from contracts.rpc import DEADLINE_S, ValidateAnswer, ValidateRequest
from contracts.subjects import validate
from ingest_meta.channels.instagram.connect import InstagramConnect
from ingest_meta.channels.messenger.connect import SUBSCRIBED, MessengerConnect
from ingest_whatsapp.connect import WhatsAppConnect
from metagraph.emulator.accounts import Account
from metagraph.emulator.app import Emulator
from metagraph.emulator.script import fault
from metagraph.graph import GraphClient, open_session
from support.delivery import emulator
from vault.keyring import KeyRing
from vault.seal import Place, seal, unseal_text

APP_ID = "1517776481860111"
"""The emulator's own."""

NUMBER, WABA, PAGE, PROFILE = "106540352242922", "419561257915477", "1048576", "17841400000000001"
TOKEN = "a-secret-token"


class Desk:
    """Somebody who asks, the adapters that answer, and the emulator they ask."""

    def __init__(self, emulator: Emulator, session: aiohttp.ClientSession) -> None:
        self.emulator = emulator
        self.ring = KeyRing.new("channels", "test")
        self.bus = MemoryBus()
        graph = GraphClient(session, origin=emulator.url, allowed=[emulator.url])
        self.connects: dict[str, Connect] = {
            "whatsapp": WhatsAppConnect(graph, "app|token"),
            "messenger": MessengerConnect(graph, None),
            "instagram": InstagramConnect(graph, graph, None),
        }

    async def serve(self) -> None:
        for channel, connect in self.connects.items():
            await Validation(channel, self.ring, connect).serve(self.bus)

    async def ask(self, channel: str, account: str, **fields: Any) -> ValidateAnswer:
        """The answer over the bus; `secret` of the fields is taken as it is."""
        workspace_id, channel_id = uuid4(), uuid4()
        self.place = Place(workspace_id, "channels", channel_id, "secret")
        asked = ValidateRequest(
            **{
                "workspace_id": workspace_id,
                "channel_id": channel_id,
                "type": channel,
                "account": account,
                "secret": seal(self.ring, TOKEN, self.place),
                **fields,
            }
        )
        body = asked.model_dump_json().encode()
        answer = await self.bus.ask(validate(channel), body, DEADLINE_S)
        return ValidateAnswer.model_validate_json(answer)

    def account(self, kind: Any, number: str, **fields: Any) -> None:
        self.emulator.accounts.put(Account(object=kind, id=number, token=TOKEN, **fields))

    def befall(self, kind: str, **fields: Any) -> None:
        self.emulator.script.add([fault(match={"type": kind}, **fields)])


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with emulator() as graph, open_session() as session:
        desk = Desk(graph, session)
        await desk.serve()
        yield desk
        await desk.bus.close()


async def test_a_number_is_connected_with_the_account_above_it(desk: Desk) -> None:
    expires_at = int(time.time()) + 3600
    desk.account("whatsapp_business_account", WABA, expires_at=expires_at)
    answer = await desk.ask("whatsapp", NUMBER)
    assert answer.problem is None
    assert (answer.name, answer.parent) == ("Emulated", f"waba:{WABA}")
    assert answer.config["waba_id"] == WABA
    assert answer.token_expires_at == datetime.fromtimestamp(expires_at, UTC)
    assert answer.health is not None
    assert (answer.health.quality, answer.health.throughput) == ("GREEN", "STANDARD")
    assert WABA in desk.emulator.accounts.subscribed


async def test_a_token_of_many_accounts_needs_the_one_that_is_meant(desk: Desk) -> None:
    answer = await desk.ask("whatsapp", NUMBER)
    assert (answer.field, answer.problem is None) == ("config", False)
    answer = await desk.ask("whatsapp", NUMBER, config={"waba_id": WABA})
    assert (answer.problem, answer.parent) == (None, f"waba:{WABA}")


async def test_a_token_that_may_not_send_is_refused(desk: Desk) -> None:
    desk.account("page", PAGE)
    answer = await desk.ask("whatsapp", NUMBER, config={"waba_id": WABA})
    assert (answer.field, answer.problem and answer.problem.kind) == ("secret", "auth")


async def test_a_token_nobody_may_ask_about_is_judged_by_the_number(desk: Desk) -> None:
    desk.befall("token", do="error", code=100)
    answer = await desk.ask("whatsapp", NUMBER, config={"waba_id": WABA})
    assert (answer.problem, answer.token_expires_at) == (None, None)


async def test_a_page_is_connected_by_its_own_token(desk: Desk) -> None:
    desk.account("page", PAGE, name="Tea Shop")
    answer = await desk.ask("messenger", PAGE)
    assert (answer.problem, answer.name) == (None, "Tea Shop")
    assert desk.emulator.accounts.subscribed[PAGE] == list(SUBSCRIBED)


async def test_the_token_of_another_page_is_refused(desk: Desk) -> None:
    desk.account("page", "2048")
    answer = await desk.ask("messenger", PAGE)
    assert (answer.field, answer.problem is None) == ("account", False)
    assert desk.emulator.accounts.subscribed == {}


async def test_an_instagram_account_comes_by_its_page(desk: Desk) -> None:
    desk.account("page", PAGE, fields={"instagram_business_account": {"id": PROFILE}})
    answer = await desk.ask("instagram", PROFILE)
    assert (answer.problem, answer.config, answer.secret) == (
        None,
        {"login": "facebook", "app_id": APP_ID},
        None,
    )
    assert PAGE in desk.emulator.accounts.subscribed


async def test_the_page_of_another_instagram_account_is_refused(desk: Desk) -> None:
    desk.account("page", PAGE, fields={"instagram_business_account": {"id": "17"}})
    answer = await desk.ask("instagram", PROFILE)
    assert (answer.field, answer.problem is None) == ("account", False)


async def test_an_instagram_account_is_the_one_its_webhooks_name(desk: Desk) -> None:
    desk.account("instagram", "2897", fields={"user_id": PROFILE})
    login = {"login": "instagram"}
    assert (await desk.ask("instagram", PROFILE, config=login)).problem is None
    refused = await desk.ask("instagram", "2897", config=login)
    assert (refused.field, refused.problem is None) == ("account", False)


async def test_an_instagram_account_comes_by_itself_where_the_page_does_not_open(
    desk: Desk,
) -> None:
    desk.account("instagram", PROFILE, name="Tea Shop")
    desk.befall("account", do="error", code=190)
    answer = await desk.ask("instagram", PROFILE)
    assert (answer.problem, answer.name) == (None, "tea.shop")
    assert answer.config["login"] == "instagram"


async def test_a_token_that_ends_soon_is_renewed_and_travels_sealed(desk: Desk) -> None:
    desk.account("instagram", PROFILE)
    soon = datetime.now(UTC) + timedelta(days=9)
    config = {"login": "instagram", "token_expires_at": soon.isoformat()}
    answer = await desk.ask("instagram", PROFILE, config=config)
    assert answer.secret is not None
    assert unseal_text(desk.ring, answer.secret, desk.place) != TOKEN
    assert answer.token_expires_at is not None
    assert answer.token_expires_at > soon + timedelta(days=30)


async def test_a_token_that_lasts_is_left_alone(desk: Desk) -> None:
    desk.account("instagram", PROFILE)
    later = datetime.now(UTC) + timedelta(days=30)
    config = {"login": "instagram", "token_expires_at": later.isoformat()}
    answer = await desk.ask("instagram", PROFILE, config=config)
    assert (answer.problem, answer.secret) == (None, None)


async def test_a_token_too_young_to_be_renewed_is_good_all_the_same(desk: Desk) -> None:
    desk.account("instagram", PROFILE)
    desk.befall("refresh", do="error", code=100, times=2)
    answer = await desk.ask("instagram", PROFILE, config={"login": "instagram"})
    assert (answer.problem, answer.secret, answer.token_expires_at) == (None, None, None)


@pytest.mark.parametrize(
    ("code", "subcode", "at_fault"),
    [(190, None, "secret"), (100, 33, "account"), (100, None, "account"), (2, None, None)],
)
async def test_a_refusal_names_what_is_at_fault(
    desk: Desk, code: int, subcode: int | None, at_fault: str | None
) -> None:
    desk.befall("account", do="error", code=code, subcode=subcode)
    answer = await desk.ask("whatsapp", NUMBER, config={"waba_id": WABA})
    assert answer.problem is not None
    assert answer.field == at_fault
    assert answer.problem.message


async def test_when_meta_does_not_answer_the_question_is_answered_in_time(desk: Desk) -> None:
    desk.befall("account", do="delay", seconds=10)
    answer = await desk.ask("whatsapp", NUMBER, config={"waba_id": WABA})
    assert answer.problem is not None
    assert answer.problem.retryable


async def test_a_secret_sealed_by_another_ring_is_said_so(desk: Desk) -> None:
    other = KeyRing.new("channels", "other")
    place = Place(uuid4(), "channels", uuid4(), "secret")
    answer = await desk.ask("whatsapp", NUMBER, secret=seal(other, TOKEN, place))
    assert (answer.field, answer.problem and answer.problem.kind) == ("secret", "auth")


async def test_the_token_is_in_no_answer_and_no_log(desk: Desk) -> None:
    with capture_logs() as lines:
        answers = [
            await desk.ask(channel, account, config={"waba_id": WABA})
            for channel, account in (("whatsapp", NUMBER), ("messenger", PAGE), ("instagram", "1"))
        ]
    assert TOKEN not in str(lines)
    assert TOKEN not in str(answers)


async def test_a_question_nobody_can_read_gets_an_answer(desk: Desk) -> None:
    answer = await desk.bus.ask(validate("whatsapp"), b"{", DEADLINE_S)
    assert ValidateAnswer.model_validate_json(answer).problem is not None
