"""What the demo's people say is something the emulator takes, on every channel."""

import pytest
from yarl import URL

from metagraph.emulator.inbound import InboundRequest
from metagraph.emulator.media import File
from metagraph.emulator.said import Shelf
from sluice_local.demo.items import Inbound, Person
from sluice_local.demo.saying import Mailbox
from sluice_local.demo.tiny import FILES
from sluice_local.demo.traffic import WITH_FILE, WORDS
from sluice_local.stack_file import ChannelAddress

OBJECTS = {
    "whatsapp": "whatsapp_business_account",
    "messenger": "page",
    "instagram": "instagram",
}
KINDS = [(channel, kind) for channel in OBJECTS for kind in {*WORDS[channel], *WITH_FILE[channel]}]
MARK = "[0123abcd-i1]"


def mailbox(channel: str) -> Mailbox:
    address = ChannelAddress(
        id="c", type=channel, account="107", object=OBJECTS[channel], webhook_url="http://x"
    )
    return Mailbox(address, "http://127.0.0.1:1")


@pytest.mark.parametrize(("channel", "kind"), sorted(KINDS))
def test_every_kind_is_a_message_with_a_mark_or_a_file(channel: str, kind: str) -> None:
    tiny = FILES[kind]("i1") if kind in FILES else None
    person = Person(channel, "2400000000000001", "Ana Alves")
    message = Inbound("i1", person, kind, f"Hello {MARK}", "id-1", tiny)
    said = mailbox(channel).said(message, "777" if tiny else None)
    [taken] = InboundRequest.model_validate({"messages": [said]}).messages
    item = taken.item(1_700_000_000, _shelf(message))
    assert item.id == "id-1"
    told = str(item.value)
    assert MARK in told or (tiny is not None and "777" in told)
    assert item.object == OBJECTS[channel]


def _shelf(message: Inbound) -> Shelf:
    tiny = message.file
    file = File("777", tiny.mime_type, tiny.content, tiny.sha256, tiny.name) if tiny else None
    return Shelf(
        lambda _: file, URL("http://127.0.0.1:1/link").joinpath, URL("http://cdn").joinpath
    )
