"""The emulator's webhooks have Meta's shape, and hold every message they were given."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from metagraph.emulator import bodies, ids
from metagraph.emulator.inbound import InboundRequest, posts


def request(count: int, **manner: Any) -> InboundRequest:
    messages = [
        {"phone_number_id": str(n % 3), "from": f"4915{n:05}", "name": "Ann", "text": f"no {n}"}
        for n in range(count)
    ]
    return InboundRequest.model_validate({"messages": messages} | manner)


def arrived(asked: InboundRequest) -> tuple[list[int], Counter[str]]:
    """How many messages each POST holds, and how often each text arrives."""
    plan = posts(asked, [message.item(1_700_000_000) for message in asked.messages])
    found = [
        [
            message["text"]["body"]
            for entry in json.loads(post.body)["entry"]
            for change in entry["changes"]
            for message in change["value"]["messages"]
        ]
        for post in plan
    ]
    return [len(texts) for texts in found], Counter(text for texts in found for text in texts)


def keys(value: Any, path: str = "") -> set[str]:
    """Every path of a JSON value, indexes left out."""
    if isinstance(value, dict):
        return {
            p
            for key, inner in value.items()
            for p in {f"{path}.{key}"} | keys(inner, f"{path}.{key}")
        }
    if isinstance(value, list):
        return {p for inner in value for p in keys(inner, f"{path}[]")}
    return set()


@pytest.mark.parametrize(
    ("manner", "sizes", "copies"),
    [
        ({}, [1] * 10, {1: 10}),
        ({"batch": 4}, [4, 4, 2], {1: 10}),
        ({"batch": 1000}, [10], {1: 10}),
        ({"duplicates": 1.0}, [1] * 20, {2: 10}),
        ({"duplicates": 1.0, "batch": 10}, [10, 10], {2: 10}),
        ({"shuffle": True}, [1] * 10, {1: 10}),
        ({"late": 1.0, "batch": 5, "shuffle": True}, [5, 5], {1: 10}),
    ],
)
def test_every_message_arrives_as_often_as_asked(
    manner: dict[str, Any], sizes: list[int], copies: dict[int, int]
) -> None:
    found, texts = arrived(request(10, **manner))
    assert found == sizes
    assert Counter(texts.values()) == copies


def test_a_seed_fixes_the_disorder() -> None:
    def plan(seed: int) -> list[bytes]:
        asked = request(50, shuffle=True, duplicates=0.3, late=0.2, seed=seed)
        items = [
            bodies.Item(one.account, "messages", {"id": str(place)})
            for place, one in enumerate(asked.messages)
        ]
        return [post.body for post in posts(asked, items)]

    assert plan(1) == plan(1)
    assert plan(1) != plan(2)


def test_a_body_stays_below_metas_size() -> None:
    items = [bodies.Item("1", "messages", {"text": "x" * 100_000}) for _ in range(100)]
    found = [bodies.envelope(group) for group in bodies.packed(items, 1000)]
    assert sum(body.count(b'"text"') for body in found) == 100
    assert max(map(len, found)) <= bodies.MAX_BODY
    with pytest.raises(ValueError, match="larger"):
        list(bodies.packed([bodies.Item("1", "messages", {"text": "x" * 4_000_000})], 1))


def test_accounts_and_numbers_keep_apart() -> None:
    items = [
        bodies.Item("1", "messages", {"id": "a"}, {"wa_id": "7"}),
        bodies.Item("2", "messages", {"id": "b"}, {"wa_id": "7"}),
        bodies.Item("1", "statuses", {"id": "c"}),
        bodies.Item("1", "messages", {"id": "d"}, {"wa_id": "7"}),
        bodies.Item("1", "messages", {"id": "e"}, waba_id="other"),
    ]
    first, second = json.loads(bodies.envelope(items))["entry"]
    one, two = (change["value"] for change in first["changes"])
    assert (first["id"], second["id"]) == (bodies.WABA_ID, "other")
    assert [m["id"] for m in one["messages"]] == ["a", "d"]
    assert [s["id"] for s in one["statuses"]] == ["c"]
    assert one["contacts"] == [{"wa_id": "7"}]
    assert two["metadata"]["phone_number_id"] == "2"


def test_a_failed_status_tells_why_and_a_user_id_is_no_number() -> None:
    failed = bodies.status("wamid.x", "failed", 5, "US.1349", "ref", 131026)
    assert failed["errors"][0]["code"] == 131026
    assert failed["recipient_user_id"] == "US.1349"
    assert failed["biz_opaque_callback_data"] == "ref"
    assert "pricing" not in failed


def test_ids_look_like_metas_and_differ() -> None:
    made = {ids.inbound_wamid("16505551234") for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch(r"wamid\.HBgL[A-Za-z0-9+/]{40,}=*", one) for one in made)


@pytest.mark.parametrize(
    ("sample", "message"),
    [
        ("text-message.json", {"text": "Does it come in another color?"}),
        ("image-message.json", {"message": {"type": "image", "image": {
            "caption": "c", "mime_type": "image/jpeg", "sha256": "s", "id": "1", "url": "u"}}}),
    ],
)  # fmt: skip
def test_shape_is_that_of_metas_own_sample(
    samples: Path, sample: str, message: dict[str, Any]
) -> None:
    theirs = json.loads((samples / "webhooks" / sample).read_text())
    value = theirs["entry"][0]["changes"][0]["value"]
    sender, name = value["contacts"][0]["wa_id"], value["contacts"][0]["profile"]["name"]
    number = value["metadata"]["phone_number_id"]
    asked = {"phone_number_id": number, "from": sender, "name": name} | message
    inbound = InboundRequest.model_validate({"messages": [asked]})
    ours = json.loads(posts(inbound, [inbound.messages[0].item(1)])[0].body)
    assert keys(theirs) - keys(ours) == set()
    assert keys(ours) - keys(theirs) <= {".entry[].changes[].value.messages[].image.url"}
