"""The conversation list: its views, its pages under change, its badges and its ETag."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from support.rest import Answer, Rest
from support.seeds import START, add_channel, add_conversation, add_conversations

OPEN, PENDING, CLOSED, ARCHIVED = range(4)


async def page(rest: Rest, **query: Any) -> Answer:
    return await rest.get(f"/conversations?{urlencode(query)}")


def ids(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.body
    return [row["id"] for row in answer.json["items"]]


async def change(rest: Rest, conversation: object, **columns: Any) -> None:
    for column, value in columns.items():
        update = f"UPDATE conversations SET {column} = $1 WHERE id = $2"  # noqa: S608 - a test's own words
        await rest.admin.execute(update, value, conversation)


VIEWS: list[Any] = [
    ("all", False, {"open", "pending", "closed", "unread", "mine"}),
    ("all", True, {"open", "pending", "closed", "archived", "unread", "mine", "mine archived"}),
    ("unread", False, {"unread"}),
    ("unread", True, {"unread"}),
    ("unresolved", False, {"open", "pending", "unread", "mine"}),
    ("unresolved", True, {"open", "pending", "unread", "mine"}),
    ("resolved", False, {"closed"}),
    ("resolved", True, {"closed", "archived", "mine archived"}),
    ("mine", False, {"mine"}),
    ("mine", True, {"mine", "mine archived"}),
    ("unassigned", False, {"open", "pending", "closed", "unread"}),
    ("unassigned", True, {"open", "pending", "closed", "archived", "unread"}),
]


async def test_each_view_shows_its_rows_and_counts_them(rest: Rest) -> None:
    owner = rest.people["owner"].id
    kinds = ["open", "pending", "closed", "archived", "unread", "mine", "mine archived"]
    rows = await add_conversations(rest.admin, rest.workspace, rest.channel, len(kinds))
    named = dict(zip(kinds, rows, strict=True))
    await rest.admin.execute(
        "UPDATE conversations SET status = 1, pending_reason = 'other' WHERE id = $1",
        named["pending"],
    )
    await change(rest, named["closed"], status=CLOSED)
    await change(rest, named["archived"], status=ARCHIVED)
    await change(rest, named["unread"], unread_count=2)
    await change(rest, named["mine"], assignee_id=owner)
    await change(rest, named["mine archived"], assignee_id=owner, status=ARCHIVED)
    kind_of = {str(row): kind for kind, row in named.items()}
    counts = (await rest.get("/conversations/counts")).json
    for view, archived, expected in VIEWS:
        found = ids(await page(rest, view=view, include_archived=str(archived).lower()))
        assert {kind_of[row] for row in found} == expected, (view, archived)
        if not archived:
            assert counts[view] == len(expected)


async def test_badges_count_to_a_hundred(rest: Rest) -> None:
    await add_conversations(rest.admin, rest.workspace, rest.channel, 130)
    counts = (await rest.get("/conversations/counts")).json
    assert (counts["all"], counts["mine"], counts["cap"]) == (100, 0, 100)


async def test_a_row_is_what_sockets_and_the_single_answer_show(rest: Rest) -> None:
    conversation = await add_conversation(rest.admin, rest.workspace, rest.channel, "hi", "there")
    [row] = (await page(rest)).json["items"]
    single = await rest.get(f"/conversations/{conversation}")
    assert single.json == {**row, "source": None}
    assert single.headers["ETag"] == f'"v{row["version"]}"'
    assert row["contact"]["display_name"] == "Bea"
    assert (row["unread_count"], row["last_seq"], row["attention"]) == (2, 2, "waiting_human")


@pytest.mark.parametrize("view", ["all", "unassigned"])
async def test_pages_neither_skip_nor_repeat_while_rows_come_and_go(rest: Rest, view: str) -> None:
    rows = await add_conversations(rest.admin, rest.workspace, rest.channel, 25)
    expected = [str(row) for row in reversed(rows)]
    seen: list[str] = []
    answer = await page(rest, view=view, limit=10)
    for number in range(3):
        seen += ids(answer)
        # New ones arrive on top while somebody reads on.
        await add_conversations(
            rest.admin, rest.workspace, rest.channel, 3, first=1000 + 10 * number
        )
        cursor = answer.json["next_cursor"]
        if cursor is None:
            break
        answer = await page(rest, view=view, limit=10, cursor=cursor)
    assert seen == expected
    assert answer.json["next_cursor"] is None


async def test_the_way_back_leads_to_what_is_new(rest: Rest) -> None:
    rows = await add_conversations(rest.admin, rest.workspace, rest.channel, 6)
    newest_first = [str(row) for row in reversed(rows)]
    first = await page(rest, limit=2)
    assert first.json["prev_cursor"] is None
    second = await page(rest, limit=2, cursor=first.json["next_cursor"])
    assert ids(second) == newest_first[2:4]
    back = await page(rest, limit=2, cursor=second.json["prev_cursor"])
    assert ids(back) == newest_first[:2]
    assert back.json["prev_cursor"] is None
    [new] = await add_conversations(rest.admin, rest.workspace, rest.channel, 1, first=100)
    back = await page(rest, limit=2, cursor=second.json["prev_cursor"])
    assert ids(back) == newest_first[:2]
    assert ids(await page(rest, limit=2, cursor=back.json["prev_cursor"])) == [str(new)]


async def test_rows_of_one_moment_keep_their_order(rest: Rest) -> None:
    rows = await add_conversations(rest.admin, rest.workspace, rest.channel, 7, step=timedelta(0))
    seen: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(4):
        answer = await page(rest, limit=2, **cursor)
        seen += ids(answer)
        cursor = {"cursor": answer.json["next_cursor"]}
    assert seen == [str(row) for row in sorted(rows, reverse=True)]


async def test_a_channel_has_a_list_of_its_own(rest: Rest) -> None:
    other = await add_channel(rest.admin, rest.workspace)
    await add_conversations(rest.admin, rest.workspace, rest.channel, 3)
    [theirs] = await add_conversations(rest.admin, rest.workspace, other, 1, first=10)
    assert ids(await page(rest, channel_id=other)) == [str(theirs)]


async def test_a_cursor_belongs_to_its_filter_and_reader(rest: Rest) -> None:
    await add_conversations(rest.admin, rest.workspace, rest.channel, 3)
    cursor = (await page(rest, limit=1)).json["next_cursor"]
    assert (await page(rest, limit=2, cursor=cursor)).status == 200
    for wrong in (
        {"cursor": cursor, "view": "unread"},
        {"cursor": cursor, "include_archived": "true"},
        {"cursor": cursor, "channel_id": str(rest.channel)},
        {"cursor": cursor[:-2] + "AA"},
        {"cursor": "made-up"},
    ):
        answer = await page(rest, **wrong)
        assert (answer.status, answer.json["code"]) == (400, "invalid_cursor"), wrong
    path = f"/conversations?{urlencode({'cursor': cursor})}"
    assert (await rest.get(path, by=rest.people["viewer"])).status == 400


async def test_an_unchanged_list_is_not_sent_again(rest: Rest) -> None:
    [row] = await add_conversations(rest.admin, rest.workspace, rest.channel, 1)
    first = await rest.get("/conversations")
    tag = {"If-None-Match": first.headers["ETag"]}
    again = await rest.get("/conversations", headers=tag)
    assert (again.status, again.body) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    await change(rest, row, last_preview="new", last_message_at=START)
    assert (await rest.get("/conversations", headers=tag)).status == 200


WRONG: list[Any] = [
    ("limit=0", "limit"),
    ("limit=101", "limit"),
    ("limit=ten", "limit"),
    ("view=everything", "view"),
    ("channel_id=5", "channel_id"),
    ("include_archived=perhaps", "include_archived"),
    ("offset=5", "offset"),
    ("limit=5&limit=6", "limit"),
]


@pytest.mark.parametrize(("query", "parameter"), WRONG)
async def test_a_wrong_parameter_is_named(rest: Rest, query: str, parameter: str) -> None:
    answer = await rest.get(f"/conversations?{query}")
    assert (answer.status, answer.json["code"]) == (422, "invalid_request")
    assert [error["parameter"] for error in answer.json["errors"]] == [parameter]
