"""Random tenants, names and cursors: a visitor is told what is theirs, all of it, and never more.

The truth is kept beside the database, by who wrote what; the answers are held against it.
"""

import random
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest

from contracts.rpc import HistoryAnswer
from inbox_core.app.plan import new_id
from support.seeds import START
from support.threads import Threads

SEEDS = range(6)
QUESTIONS = 40
VISIBLE = 0.7


@dataclass
class Thread:
    id: UUID
    seqs: list[int] = field(default_factory=list)
    """Of what may be seen."""


@dataclass
class Somebody:
    """An identity: its names on a site, whether it is blocked, and its threads."""

    account: str
    names: list[str]
    blocked: bool
    threads: list[Thread]


async def add_somebody(
    threads: Threads, dice: random.Random, workspace: UUID, channel: UUID, account: str
) -> Somebody:
    """Under one of few names, so that other sites have somebody of the same one."""
    admin, identity, contact = threads.inbox.admin, new_id(), new_id()
    one = Somebody(account, [], dice.random() < 0.15, [])
    await admin.execute(
        "INSERT INTO contacts (workspace_id, id, name, blocked_at)"
        " VALUES ($1, $2, $3, CASE WHEN $4 THEN now() END)",
        workspace, contact, account, one.blocked,
    )  # fmt: skip
    await admin.execute(
        "INSERT INTO identities (workspace_id, id, channel_id, contact_id)"
        " VALUES ($1, $2, $3, $4)",
        workspace, identity, channel, contact,
    )  # fmt: skip
    for name in {f"v{dice.randrange(12)}", f"u:{dice.randrange(12)}"}:
        kind, value = ("user", name[2:]) if name.startswith("u:") else ("visitor", name)
        taken = await admin.fetchval(
            "INSERT INTO identity_aliases (workspace_id, channel_id, kind, value, identity_id,"
            " seen_at) VALUES ($1, $2, $3, $4, $5, now()) ON CONFLICT DO NOTHING RETURNING true",
            workspace, channel, kind, value, identity,
        )  # fmt: skip
        one.names += [name] if taken else []
    for number in range(dice.randrange(4)):
        thread = Thread(new_id())
        await admin.execute(
            "INSERT INTO conversations (workspace_id, id, channel_id, identity_id, contact_id,"
            " status, last_message_at, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7::timestamptz + make_interval(secs => $8), $7)",
            workspace, thread.id, channel, identity, contact, 0 if number == 0 else 2, START,
            dice.randrange(10**6),
        )  # fmt: skip
        await add_messages(threads, dice, workspace, channel, thread)
        one.threads.append(thread)
    return one


async def add_messages(
    threads: Threads, dice: random.Random, workspace: UUID, channel: UUID, thread: Thread
) -> None:
    rows = []
    for seq in range(1, dice.randrange(2, 12)):
        seen = dice.random() < VISIBLE
        direction, kind, hidden, blocked = ("inbound", "message", False, False)
        if seen:
            direction = dice.choice(["inbound", "outbound"])
            thread.seqs.append(seq)
        else:
            direction, kind, hidden, blocked = dice.choice(
                [
                    ("internal", "message", False, False),
                    ("inbound", "event", False, False),
                    ("outbound", "message", True, False),
                    ("inbound", "message", False, True),
                ]
            )
        rows.append((workspace, thread.id, seq, new_id(), channel, direction, kind, hidden,
                     blocked, START))  # fmt: skip
    await threads.inbox.admin.executemany(
        "INSERT INTO messages (workspace_id, conversation_id, seq, id, channel_id, direction, kind,"
        " hidden, blocked, author_type, parts, sent_at, created_at) VALUES ($1, $2, $3, $4, $5, $6,"
        ' $7, $8, $9, \'contact\', \'[{"kind": "text", "text": "hi"}]\', $10, $10)',
        rows,
    )


async def fill(threads: Threads, dice: random.Random) -> list[Somebody]:
    """Two workspaces, two sites each, a dozen people each."""
    admin, people = threads.inbox.admin, []
    for place in range(2):
        workspace = uuid4()
        await admin.execute("INSERT INTO workspaces (id, name) VALUES ($1, 'W')", workspace)
        for site in range(2):
            channel, account = new_id(), f"site-{place}-{site}"
            await threads.add_channel(channel, account, workspace)
            people += [
                await add_somebody(threads, dice, workspace, channel, account) for _ in range(12)
            ]
    return people


def check(
    answer: HistoryAnswer, mine: list[Somebody], after: dict[UUID, int], before: UUID | None
) -> None:
    allowed = {t.id: t.seqs for one in mine if not one.blocked for t in one.threads}
    assert {head.id for head in answer.threads} <= allowed.keys()
    told: dict[UUID, list[int]] = {}
    for message in answer.messages:
        told.setdefault(message.conversation_id, []).append(message.seq)
    for thread, seqs in told.items():
        assert seqs == sorted(seqs)
        there = allowed[thread]
        first, last = there.index(seqs[0]), there.index(seqs[-1])
        assert there[first : last + 1] == seqs, "a hole"
        if before is None and thread in after:
            assert [seq for seq in there if after[thread] < seq < seqs[0]] == []
    if before is None:
        assert answer.threads or not allowed
        for head in answer.threads:
            assert head.last_seq == max(allowed[head.id], default=0)
        if not answer.more:
            for thread, known in after.items():
                missing = [seq for seq in allowed.get(thread, ()) if seq > known]
                assert told.get(thread, []) == missing


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_visitor_is_told_what_is_theirs(threads: Threads, seed: int) -> None:
    dice = random.Random(seed)
    people = await fill(threads, dice)
    everywhere = [thread for one in people for thread in one.threads]
    for _ in range(QUESTIONS):
        account = dice.choice(people).account
        names = dice.sample([f"v{n}" for n in range(12)] + [f"u:{n}" for n in range(12)], 3)
        known = [
            one for name in names for one in people if one.account == account and name in one.names
        ]
        asked = dice.sample(everywhere, min(8, len(everywhere)))
        asked += [thread for one in known for thread in one.threads if dice.random() < 0.8]
        after = {thread.id: dice.randrange(12) for thread in asked}
        before = dice.choice(asked) if dice.random() < 0.3 else None
        answer = await threads.history(
            *names,
            account=account,
            after=after,
            before=(before.id, dice.randrange(14)) if before else None,
            limit=dice.choice([1, 3, 100]),
        )
        assert answer.blocked == bool(known and known[0].blocked)
        if answer.blocked:
            assert not answer.threads
            assert not answer.messages
        else:
            check(answer, known, after, before.id if before else None)
