"""The demo's plan: all of it is sent once, and the same seed plans the same."""

from collections import Counter

import pytest

from sluice_local.demo.options import Options, read
from sluice_local.demo.traffic import RUNS_OF_REPLIES, Traffic, plan

RUN = "0123abcd"


def planned(messages: int = 500, contacts: int = 50, replies: int = 60, seed: int = 7) -> Traffic:
    return plan(Options(messages=messages, contacts=contacts, replies=replies, seed=seed), RUN)


@pytest.mark.parametrize(
    ("messages", "contacts", "replies"),
    [(1, 1, 0), (1, 200, 3), (500, 50, 60), (50, 50, 500), (2000, 200, 200)],
)
def test_as_many_as_were_asked_for(messages: int, contacts: int, replies: int) -> None:
    traffic = planned(messages, contacts, replies)
    inbound = list(traffic.inbound())
    assert [message.key for message in inbound] == [f"i{n}" for n in range(1, messages + 1)]
    assert len({message.wamid for message in inbound}) == messages
    assert len({message.person.phone for message in inbound}) == min(contacts, messages)
    answered = sorted(int(reply.key[1:]) for reply in traffic.all_replies())
    assert answered == list(range(1, replies + 1))
    assert {reply.person for reply in traffic.all_replies()} <= {m.person for m in inbound}


def test_the_same_seed_is_the_same_traffic() -> None:
    def manners(traffic: Traffic) -> list[object]:
        return [(wave.manner, [m.text for m in wave.messages]) for wave in traffic.waves]

    assert manners(planned(seed=3)) == manners(planned(seed=3))
    assert manners(planned(seed=3)) != manners(planned(seed=4))


def test_some_conversations_get_several_replies() -> None:
    sizes = Counter(len(replies) for replies in planned().replies.values())
    assert set(RUNS_OF_REPLIES) <= set(sizes)


def test_single_and_batched_waves() -> None:
    batches = [wave.manner["batch"] for wave in planned(messages=2000).waves]
    assert 1 in batches
    assert max(batches) > 1


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (f"Hello [{RUN}-i12]", "i12"),
        (f"Hello [{RUN}-r3]", "r3"),
        (f"Hello [{RUN}-r3] and more", None),
        ("Hello [ffffffff-i12]", None),
        ("Hello", None),
        (None, None),
    ],
)
def test_a_text_is_known_by_its_mark(text: str | None, key: str | None) -> None:
    assert planned().key_of(text) == key


def test_options_of_a_command_line() -> None:
    assert read([]) == Options()
    assert read(["--messages", "600", "--over-s", "2.5"]) == Options(messages=600, over_s=2.5)


@pytest.mark.parametrize("words", [["--messages", "0"], ["--replies", "x"], ["--seed", "-1"]])
def test_a_wrong_option_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        read(words)
    assert ended.value.code == 2
    assert words[0] in capsys.readouterr().err
