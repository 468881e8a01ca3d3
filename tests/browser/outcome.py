"""What came of a talk: everything said is there once, in order, on both sides. Nothing else is.

The team's thread is read by REST, each tab as it is shown. `problems` is pure.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from browser.talks import Talk
from support.tab import Row

QUIET_WITHIN_S = 120.0
LOOK_S = 0.2


def word_of(message: dict[str, Any]) -> str:
    """A message of the team's thread as one word: its texts, or the names of its files."""
    return "".join(
        part.get("text") or (part.get("media") or {}).get("filename") or f"<{part['kind']}>"
        for part in message["parts"]
    )


def shown_order(thread: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """As everybody shows a thread: `seq` is the order of arrival, the time is that of writing."""
    return sorted(thread, key=lambda one: (one["sent_at"], one["seq"]))


def problems(
    said: Sequence[str],
    answered: Sequence[str],
    thread: Sequence[dict[str, Any]],
    tabs: Sequence[Sequence[Row]],
) -> list[str]:
    """What is wrong, a sentence each; empty: nothing."""
    thread = shown_order(thread)
    inbound = [word_of(one) for one in thread if one["direction"] == "inbound"]
    outbound = [word_of(one) for one in thread if one["direction"] == "outbound"]
    wrong = [
        *_differences("the team's thread, from the visitor", said, inbound),
        *_differences("the team's thread, from the team", answered, outbound),
    ]
    right = [word_of(one) for one in thread]
    for number, rows in enumerate(tabs, 1):
        wrong += _differences(f"tab {number}", right, [row.words for row in rows])
        wrong += [
            f"tab {number}: {row.words} is still {row.state}" for row in rows if row.state != "sent"
        ]
    return wrong


def _differences(where: str, right: Sequence[str], found: Sequence[str]) -> list[str]:
    if list(right) == list(found):
        return []
    known, there = Counter(right), Counter(found)
    lost = [word for word in right if not there[word]]
    doubled = [word for word, times in there.items() if times > 1]
    foreign = [word for word in found if not known[word]]
    told = [f"{where}: {what} {words}" for what, words in
            (("lost", lost), ("doubled", doubled), ("foreign", foreign)) if words]  # fmt: skip
    return told or [f"{where}: out of order, {list(found)} in place of {list(right)}"]


async def settled(talk: Talk) -> list[str]:
    """The problems that are left when time is up; empty as soon as there are none."""
    conversation = talk.conversation
    assert conversation is not None, "nobody heard the visitor"
    deadline = time.monotonic() + QUIET_WITHIN_S
    while True:
        thread = await talk.world.stored(conversation)
        tabs = [await tab.rows() for tab in talk.visitor.open_tabs]
        wrong = problems(talk.said, talk.answered, thread, tabs)
        if not wrong or time.monotonic() > deadline:
            return wrong
        await asyncio.sleep(LOOK_S)
