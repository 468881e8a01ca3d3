"""What each kind of part becomes at Messenger and Instagram: rows of a part and its `message`."""

from typing import Any, NamedTuple

import pytest

from adapter.deliver.call import CannotSend, Handed
from contracts.commands import ActionCommand, SendCommand
from contracts.parts import Alias, Media, Part
from ingest_meta.channels.instagram import requests as instagram
from ingest_meta.channels.messenger import requests as messenger
from ingest_meta.send_api import ATTACHMENTS, PARTS, Body
from metagraph.emulator import page_sends
from metagraph.emulator.media import Files
from metagraph.emulator.names import INSTAGRAM as AT_INSTAGRAM
from metagraph.emulator.names import PAGE, Platform
from support.delivery import INSTAGRAM, MESSENGER, Side, action, command

LINK = Handed(link="https://shop.example/cat.png")
UPLOADED = Handed(id="2003")
FILE = Media(ref="file:ws/upload/cat")
BUTTONS = [{"id": "y", "title": "Yes"}, {"id": "n", "title": "No"}]
ELEMENTS = {"template_type": "generic", "elements": [{"title": "Tea"}]}


class Way(NamedTuple):
    """A channel: how it is asked here, and at the emulator."""

    side: Side
    requests: Any
    platform: Platform

    def request_of(self, asked: SendCommand, file: Handed | None = None) -> Body:
        body: Body = self.requests.request_of(asked, file)
        return body

    def action_of(self, asked: ActionCommand) -> Body:
        body: Body = self.requests.action_of(asked)
        return body


WAYS = {
    "messenger": Way(MESSENGER, messenger, PAGE),
    "instagram": Way(INSTAGRAM, instagram, AT_INSTAGRAM),
}

each_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


def template(**payload: Any) -> Body:
    return {"attachment": {"type": "template", "payload": payload}}


def by_link(kind: str) -> Body:
    return {"attachment": {"type": kind, "payload": {"url": LINK.link}}}


MESSAGES: dict[str, tuple[Part, Handed | None, Body]] = {
    "text": (Part(kind="text", text="Hello"), None, {"text": "Hello"}),
    "image": (Part(kind="image", media=FILE), LINK, by_link("image")),
    "video": (Part(kind="video", media=FILE), LINK, by_link("video")),
    "audio": (Part(kind="audio", media=FILE), LINK, by_link("audio")),
    "document": (Part(kind="document", media=FILE), LINK, by_link("file")),
    "sticker": (Part(kind="sticker", media=FILE), LINK, by_link("image")),
    "buttons": (
        Part(kind="buttons", text="Which?", data={"buttons": BUTTONS}),
        None,
        {
            "text": "Which?",
            "quick_replies": [
                {"content_type": "text", "title": "Yes", "payload": "y"},
                {"content_type": "text", "title": "No", "payload": "n"},
            ],
        },
    ),
    "link_button": (
        Part(kind="link_button", text="Look", data={"title": "Shop", "url": "https://x"}),
        None,
        template(
            template_type="button",
            text="Look",
            buttons=[{"type": "web_url", "url": "https://x", "title": "Shop"}],
        ),
    ),
    "template": (Part(kind="template", data=ELEMENTS), None, template(**ELEMENTS)),
    "platform": (
        Part(kind="platform", data={"attachment": {"type": "template", "payload": ELEMENTS}}),
        None,
        template(**ELEMENTS),
    ),
}


@each_way
@pytest.mark.parametrize(("part", "file", "message"), MESSAGES.values(), ids=MESSAGES)
def test_a_part_becomes_its_message(
    way: Way, part: Part, file: Handed | None, message: Body
) -> None:
    asked = command(part, side=way.side)
    body = way.request_of(asked, file)
    assert body == {
        "recipient": {"id": way.side.person.value},
        "messaging_type": "RESPONSE",
        "message": {**message, "metadata": asked.id},
    }
    page_sends.read(way.platform, way.side.account, body, Files())


@pytest.mark.parametrize(
    ("way", "attachment"),
    [
        (WAYS["messenger"], {"type": "image", "payload": {"attachment_id": "2003"}}),
        (WAYS["instagram"], {"type": "MEDIA_SHARE", "payload": {"id": "2003"}}),
    ],
    ids=WAYS,
)
def test_an_uploaded_file_goes_by_its_id(way: Way, attachment: Body) -> None:
    asked = command(Part(kind="image", media=FILE), side=way.side)
    assert way.request_of(asked, UPLOADED)["message"]["attachment"] == attachment


@each_way
def test_everything_it_says_it_can_has_a_row(way: Way) -> None:
    tables = getattr(way.requests, way.side.channel.upper())
    can = way.side.can
    assert {*can.kinds, *can.media, "text", "buttons"} <= {*PARTS, *ATTACHMENTS}
    assert set(can.address_kinds) == tables.recipients.keys()


@each_way
def test_a_person_may_answer_late_with_a_tag(way: Way) -> None:
    body = way.request_of(command(side=way.side, tag="human_agent"))
    assert (body["messaging_type"], body["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")


def test_a_template_of_metas_says_what_it_is() -> None:
    own = {"template": {"name": "order_shipped", "language": {"code": "en"}}}
    body = messenger.request_of(command(Part(kind="platform", data=own), side=MESSENGER))
    assert (body["messaging_type"], body["message"]["template"]) == ("UTILITY", own["template"])


@each_way
def test_a_reply_names_the_message_it_answers(way: Way) -> None:
    assert way.request_of(command(side=way.side, reply_to="m_1"))["reply_to"] == {"mid": "m_1"}


def test_a_guest_of_the_checkbox_plugin_has_a_reference() -> None:
    guest = Alias(kind="user_ref", value="guest-1")
    body = messenger.request_of(command(side=MESSENGER, to=[guest]))
    assert body["recipient"] == {"user_ref": "guest-1"}


@each_way
@pytest.mark.parametrize(
    ("part", "file"),
    [
        (Part(kind="list", text="Which?"), None),
        (Part(kind="text"), None),
        (Part(kind="image"), None),
        (Part(kind="image", text="words", media=FILE), LINK),
        (Part(kind="buttons", data={"buttons": BUTTONS}), None),
        (Part(kind="buttons", text="Which?", data={"buttons": [{"title": "Yes"}]}), None),
        (Part(kind="link_button", text="Look", data={"url": "https://x"}), None),
        (Part(kind="template", data={"name": "welcome", "language": "en"}), None),
        (Part(kind="platform", data={"type": "text"}), None),
        (Part(kind="platform", data={"text": "x", "metadata": "mine"}), None),
    ],
    ids=lambda row: f"{row.kind} {row.data}" if isinstance(row, Part) else "",
)
def test_what_lacks_something_is_refused_as_content(
    way: Way, part: Part, file: Handed | None
) -> None:
    with pytest.raises(CannotSend) as cannot:
        way.request_of(command(part, side=way.side), file)
    assert cannot.value.problem.kind == "content"


@each_way
def test_nobody_to_write_to(way: Way) -> None:
    with pytest.raises(CannotSend) as cannot:
        way.request_of(command(side=way.side, to=[Alias(kind="phone", value="1650")]))
    assert cannot.value.problem.kind == "undeliverable"


ACTIONS: dict[str, tuple[Any, str | None, Body]] = {
    "read": ("read", None, {"sender_action": "mark_seen"}),
    "typing_on": ("typing_on", None, {"sender_action": "typing_on"}),
    "typing_off": ("typing_off", None, {"sender_action": "typing_off"}),
    "react": (
        "react",
        "👍",
        {"sender_action": "react", "payload": {"message_id": "m_1", "reaction": "👍"}},
    ),
    "unreact": ("unreact", None, {"sender_action": "unreact", "payload": {"message_id": "m_1"}}),
}


@each_way
@pytest.mark.parametrize(("word", "emoji", "fields"), ACTIONS.values(), ids=ACTIONS)
def test_an_action_goes_alone(way: Way, word: Any, emoji: str | None, fields: Body) -> None:
    body = way.action_of(action(word, side=way.side, external_id="m_1", emoji=emoji))
    assert body == {"recipient": {"id": way.side.person.value}, **fields}
    page_sends.read(way.platform, way.side.account, body, Files())


def test_a_heart_has_a_name_at_instagram() -> None:
    body = instagram.action_of(action("react", side=INSTAGRAM, emoji="❤️"))
    assert body["payload"]["reaction"] == "love"


@each_way
@pytest.mark.parametrize(
    ("word", "external_id", "emoji"), [("react", None, "👍"), ("react", "m_1", None)]
)
def test_a_reaction_to_nothing_is_refused(
    way: Way, word: Any, external_id: str | None, emoji: str | None
) -> None:
    with pytest.raises(CannotSend):
        way.action_of(action(word, side=way.side, external_id=external_id, emoji=emoji))
