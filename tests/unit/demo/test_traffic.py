"""The demo's plan: all of it is sent once, and the same seed plans the same."""

from collections import Counter
from itertools import chain

import pytest

from sluice_local.demo.items import Traffic
from sluice_local.demo.options import CHANNELS, Options, read
from sluice_local.demo.traffic import RUNS_OF_REPLIES, WITH_FILE, WORDS, plan

RUN = "0123abcd"


def planned(
    messages: int = 500,
    contacts: int = 50,
    replies: int = 60,
    seed: int = 7,
    media: float = 0.15,
    channels: tuple[str, ...] = CHANNELS,
) -> Traffic:
    options = Options(messages, contacts, replies, seed, media, channels=channels)
    return plan(options, RUN)


@pytest.mark.parametrize(
    ("messages", "contacts", "replies"),
    [(1, 1, 0), (1, 200, 3), (500, 50, 60), (50, 50, 500), (2000, 200, 200)],
)
def test_as_many_as_were_asked_for(messages: int, contacts: int, replies: int) -> None:
    traffic = planned(messages, contacts, replies)
    inbound = list(traffic.inbound())
    assert [message.key for message in inbound] == [f"i{n}" for n in range(1, messages + 1)]
    assert len({message.id for message in inbound}) == messages
    assert len({message.person.address for message in inbound}) == min(contacts, messages)
    answered = sorted(int(reply.key[1:]) for reply in traffic.all_replies())
    assert answered == list(range(1, replies + 1))
    assert {reply.person for reply in traffic.all_replies()} <= {m.person for m in inbound}


def test_the_same_seed_is_the_same_traffic() -> None:
    def manners(traffic: Traffic) -> list[object]:
        return [
            (wave.manner, [(m.kind, m.text, m.person) for m in wave.messages])
            for wave in traffic.waves
        ] + list(traffic.thoughts)

    assert manners(planned(seed=3)) == manners(planned(seed=3))
    assert manners(planned(seed=3)) != manners(planned(seed=4))


def test_another_run_is_of_other_people() -> None:
    first, second = (plan(Options(), run).people() for run in (RUN, "ffffffff"))
    assert {one.name for one in first} == {one.name for one in second}
    assert not {one.address for one in first} & {one.address for one in second}


def test_people_are_on_every_channel_two_to_one_to_one_to_one() -> None:
    people = Counter(person.channel for person in planned(contacts=40).people())
    assert people == {"whatsapp": 16, "messenger": 8, "instagram": 8, "widget": 8}
    only = planned(channels=("instagram",)).people()
    assert {person.channel for person in only} == {"instagram"}


def test_everybody_begins_with_words_and_every_kind_comes() -> None:
    traffic = planned(messages=2000)
    first = {message.person: message.kind for message in reversed(list(traffic.inbound()))}
    assert set(first.values()) == {"text"}
    for channel in CHANNELS:
        kinds = {one.kind for one in traffic.inbound() if one.person.channel == channel}
        assert kinds == {*WORDS[channel], *WITH_FILE[channel]}


@pytest.mark.parametrize(("share", "least", "most"), [(0, 0, 0), (0.3, 100, 180), (1, 450, 450)])
def test_the_share_of_files(share: float, least: int, most: int) -> None:
    """Of 450 messages, for fifty people begin with words; no two files are the same."""
    files = [message.file for message in planned(media=share).inbound() if message.file]
    assert least <= len(files) <= most
    assert len({file.sha256 for file in files}) == len(files)


def test_no_message_gets_two_second_thoughts_and_none_that_is_quoted() -> None:
    traffic = planned(messages=2000, replies=200)
    about = [thought.about for thought in traffic.thoughts]
    assert len(set(about)) == len(about)
    quoted = {reply.quotes for reply in traffic.all_replies()}
    assert not quoted & set(about)
    assert {one.kind for one in traffic.thoughts} == {
        "edit", "unsend", "reaction", "our_reaction",
    }  # fmt: skip


def test_some_conversations_get_several_replies() -> None:
    sizes = Counter(len(replies) for replies in planned().replies.values())
    assert set(RUNS_OF_REPLIES) <= set(sizes)
    kinds = {reply.kind for reply in chain(*planned(replies=200).replies.values())}
    assert kinds == {"text", "long", "image", "buttons", "quote"}


def test_single_and_batched_waves() -> None:
    batches = [wave.manner["batch"] for wave in planned(messages=2000).waves]
    assert 1 in batches
    assert max(batches) > 1


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (f"Hello [{RUN}-i12]", "i12"),
        (f"Hello [{RUN}-r3]", "r3"),
        (f"Hello [{RUN}-r3]\n\n1. Yes", "r3"),
        ("Hello [ffffffff-i12]", None),
        ("Hello", None),
        (None, None),
    ],
)
def test_a_text_is_known_by_its_mark(text: str | None, key: str | None) -> None:
    assert planned().marks.key_of(text) == key


def test_options_of_a_command_line() -> None:
    assert read([]) == Options()
    assert read(["--messages", "600", "--over-s", "2.5"]) == Options(messages=600, over_s=2.5)
    assert read(["--channels", "messenger,whatsapp"]).channels == ("messenger", "whatsapp")


@pytest.mark.parametrize(
    "words",
    [
        ["--messages", "0"],
        ["--replies", "x"],
        ["--seed", "-1"],
        ["--media", "1.5"],
        ["--channels", "fax"],
        ["--channels", ""],
    ],
)
def test_a_wrong_option_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        read(words)
    assert ended.value.code == 2
    assert words[0] in capsys.readouterr().err
