"""The demo: made once, mended when made again."""

from dataclasses import replace
from uuid import uuid4

import pytest

from inbox_core.adapters.postgres.seeding import Demo, DemoChannel, seed_demo
from inbox_core.app.login import new_api_token
from inbox_core.domain.errors import AccountTaken
from support.rest import Rest
from vault.seal import Place, unseal_text

DEMO = Demo(
    email="Demo@Sluice.Example",
    password="a first password",
    api_token=new_api_token(),
    channels=(
        DemoChannel(type="whatsapp", account="106540352242922", secret="EAAB-demo"),
        DemoChannel(type="messenger", account="1029384756", secret="EAAP-demo", name="Page"),
    ),
)


async def status_of(rest: Rest, password: str) -> int:
    body = {"email": DEMO.email, "password": password}
    return (await rest.raw("POST", "/v1/login", body)).status


async def test_a_demo_can_be_used_and_made_again(rest: Rest) -> None:
    first = await seed_demo(rest.admin, rest.parts.ring, DEMO)
    assert await status_of(rest, DEMO.password) == 200
    again = await seed_demo(rest.admin, rest.parts.ring, replace(DEMO, password="another one"))
    assert again == first
    assert (await status_of(rest, DEMO.password), await status_of(rest, "another one")) == (
        401,
        200,
    )
    me = await rest.raw("GET", "/v1/me", headers={"Authorization": f"Bearer {DEMO.api_token}"})
    assert [row["id"] for row in me.json["workspaces"]] == [str(first.workspace_id)]
    for channel in DEMO.channels:
        channel_id = first.channels[channel.type, channel.account]
        sealed = await rest.admin.fetchval("SELECT secret FROM channels WHERE id = $1", channel_id)
        place = Place(first.workspace_id, "channels", channel_id, "secret")
        assert unseal_text(rest.parts.ring, sealed, place) == channel.secret


async def test_an_account_of_somebody_else_is_left_alone(rest: Rest) -> None:
    await seed_demo(rest.admin, rest.parts.ring, DEMO)
    other = replace(DEMO, workspace_id=uuid4(), email="b@sluice.example")
    with pytest.raises(AccountTaken):
        await seed_demo(rest.admin, rest.parts.ring, other)
    assert (
        await rest.admin.fetchval("SELECT count(*) FROM users WHERE email = $1", other.email) == 0
    )
