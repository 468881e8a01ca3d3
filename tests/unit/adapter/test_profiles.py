"""What Graph shows of a person, read tolerantly."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from adapter.channels import Channels, Credential
from adapter.media.avatars import PICTURES, Avatars
from adapter.profiles import INSTAGRAM, MESSENGER, ProfileHandler
from bus.commanding import Done, Later
from bus.ports import Delivered
from contracts import batch
from contracts.commands import FetchProfile, ProfileCommand
from contracts.events import ProfileResult, ProfileResultEvent
from contracts.parts import Alias
from contracts.records import ChannelRecord, channel_key
from filestore.opening import open_store
from metagraph.download import Downloader
from vault.keyring import KeyRing
from vault.seal import Place, seal

NOBODY = UUID(int=7)
NOW = datetime.now(UTC)


class Graph:
    """Shows what it was given, and remembers who asked by which login."""

    def __init__(self, shown: dict[str, Any]) -> None:
        self.shown = shown
        self.asked: list[tuple[str, str, str]] = []

    async def profile(self, person: str, fields: Sequence[str], token: str) -> dict[str, Any]:
        self.asked.append((person, ",".join(fields), token))
        return self.shown


async def channels(channel: str, login: str = "page", *, enabled: bool = True) -> Channels:
    ring = KeyRing.new("channels", "test")
    found = Channels(ring, {channel})
    record = ChannelRecord(
        id=NOBODY,
        workspace_id=NOBODY,
        type=channel,
        account="1001",
        enabled=enabled,
        secret=seal(ring, "token", Place(NOBODY, "channels", NOBODY, "secret")),
        version=1,
        config={"login": login},
    )
    await found.changed(channel_key(channel, "1001"), record.model_dump_json().encode())
    return found


def command(channel: str, *aliases: Alias) -> ProfileCommand:
    return ProfileCommand(
        id="profile.1",
        time=NOW,
        channel=channel,
        account="1001",
        data=FetchProfile(
            workspace_id=NOBODY,
            channel_id=NOBODY,
            identity_id=NOBODY,
            aliases=aliases,
            not_after=NOW + timedelta(days=1),
        ),
    )


async def shown(tmp_path: Path, graph: Graph, asked: ProfileCommand, known: Channels) -> Any:
    """The result of one look-up, or its verdict when there is none."""
    published: list[bytes] = []

    async def publish(event: bytes) -> None:
        published.append(event)

    def graph_of(credential: Credential) -> Graph:
        assert credential.config["login"] in {"page", "instagram"}
        return graph

    async with Downloader() as downloader:
        handler = ProfileHandler(
            {"messenger": MESSENGER, "instagram": INSTAGRAM},
            graph_of,
            Avatars(downloader, open_store(str(tmp_path))),
            known,
            publish,
            lambda: NOW,
        )
        body = batch.pack([batch.encode(asked)])
        verdict = await handler.handle(asked, Delivered("s", body, "OUTBOUND", 1, NOW))
    if verdict != Done():
        return verdict
    [event] = [batch.decode_event(one) for e in published for one in batch.unpack(b"[" + e + b"]")]
    assert isinstance(event, ProfileResultEvent)
    return event.data


@pytest.mark.parametrize(
    ("fields", "name", "username"),
    [
        ({"first_name": "Ada", "last_name": "King"}, "Ada King", None),
        ({"first_name": "Ada"}, "Ada", None),
        ({"last_name": "King"}, "King", None),
        ({"name": "Ada K.", "first_name": "Ada"}, "Ada K.", None),
        ({"name": None, "username": "ada"}, None, "ada"),
        ({"name": "  ", "username": ""}, None, None),
        ({"name": "A\0da", "username": 7}, "Ada", None),
        ({"name": {"first": "Ada"}, "profile_pic": None}, None, None),
        ({"profile_pic": "https://evil.example/x.png", "name": "Ada"}, "Ada", None),
        ({"name": "x" * 5000}, "x" * 2048, None),
        ({}, None, None),
    ],
)
async def test_names_however_they_come(
    tmp_path: Path, fields: dict[str, Any], name: str | None, username: str | None
) -> None:
    graph, known = Graph(fields), await channels("messenger")
    found = await shown(tmp_path, graph, command("messenger", alias("psid")), known)
    assert isinstance(found, ProfileResult)
    assert (found.name, found.username, found.avatar, found.problem) == (name, username, None, None)


@pytest.mark.parametrize(
    ("channel", "kind", "login", "fields"),
    [
        ("messenger", "psid", "page", "first_name,last_name,profile_pic"),
        ("instagram", "igsid", "page", "name,username,profile_pic"),
        ("instagram", "igsid", "instagram", "name,username,profile_pic"),
    ],
)
async def test_each_channel_asks_for_its_fields_by_its_alias(
    tmp_path: Path, channel: str, kind: str, login: str, fields: str
) -> None:
    graph, known = Graph({}), await channels(channel, login)
    other = Alias(kind="visitor", value="else")
    await shown(tmp_path, graph, command(channel, other, alias(kind)), known)
    assert graph.asked == [("24", fields, "token")]


async def test_without_channel_it_waits(tmp_path: Path) -> None:
    graph, known = Graph({}), await channels("messenger", enabled=False)
    verdict = await shown(tmp_path, graph, command("messenger", alias("psid")), known)
    assert isinstance(verdict, Later)
    assert graph.asked == []


def test_what_browsers_run_is_no_picture() -> None:
    assert not {"image/svg+xml", "text/html", "application/octet-stream"} & PICTURES


def alias(kind: str) -> Alias:
    return Alias(kind=kind, value="24")
