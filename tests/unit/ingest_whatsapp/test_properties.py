"""Whatever comes, nothing is lost and nothing raises: hypothesis against parse and Normalized."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts import batch
from ingest_whatsapp.normalize.bodies import Normalized
from ingest_whatsapp.payloads import LISTS, OBJECT, parse

DATA = Path(__file__).parents[2] / "data" / "whatsapp"
RECEIVED_AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
GOLDEN: list[dict[str, Any]] = [
    json.loads(path.read_bytes())
    for path in sorted(DATA.glob("*.json"))
    if not path.name.endswith(".events.json")
]

words = st.text(alphabet=st.characters(exclude_categories=()), max_size=8)
"""Lone surrogates and NUL included."""
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=12,
)
WORDS = sorted({
    "id", "type", "from", "from_user_id", "timestamp", "text", "body", "context", "referral",
    "status", "recipient_id", "recipient_type", "errors", "code", "group_id", "image", "contacts",
    "biz_opaque_callback_data", "wa_id", "user_id", "profile", "name", "username", "forwarded",
    "metadata", "time", "phone_number_id", "sent", "read", "failed", "field", "value", "changes",
    "entry", *LISTS,
})  # fmt: skip
webhook_like = st.recursive(
    values | st.sampled_from(WORDS) | st.sampled_from(["US.1", "M0", "16505551234", 1790000000]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=6)
    ),
    max_leaves=30,
)
entries = st.sampled_from([entry for body in GOLDEN for entry in body.get("entry", [])])


def accounted_for(body: bytes) -> Normalized:
    """The law: items = events + repeated + quarantined, and every event is readable."""
    parsed = parse(body)
    normalized = Normalized().take(parsed.items, RECEIVED_AT)
    assert not normalized.bugs, normalized.bugs
    repeated = sum(n for (outcome, _), n in normalized.outcomes.items() if outcome == "repeated")
    assert sum(normalized.outcomes.values()) == len(parsed.items)
    assert len(normalized.events) + repeated + len(normalized.quarantined) == len(parsed.items)
    ids = [batch.decode_event(item).id for item in batch.unpack(batch.pack(normalized.events))]
    assert len(ids) == len(set(ids))
    return normalized


def written(value: Any) -> bytes:
    return json.dumps(value).encode("utf-8", "surrogatepass")


def ids(normalized: Normalized) -> set[str]:
    return {json.loads(event)["id"] for event in normalized.events}


@given(st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    accounted_for(body)


@given(values)
def test_any_json(value: Any) -> None:
    accounted_for(written(value))


@given(st.lists(webhook_like, max_size=4))
def test_any_entries(found: list[Any]) -> None:
    accounted_for(written({"object": OBJECT, "entry": found}))


@given(st.sampled_from(sorted(LISTS)), st.dictionaries(st.sampled_from(WORDS), webhook_like))
def test_any_value_of_a_known_field(field: str, value: dict[str, Any]) -> None:
    entry = {"id": "1", "changes": [{"field": field, "value": value}]}
    accounted_for(written({"object": OBJECT, "entry": [entry]}))


@given(st.lists(entries, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_merged_shuffled_and_repeated_bodies_make_the_same_events(
    found: list[Any], random: Any
) -> None:
    apart = set[str]()
    for entry in found:
        apart |= ids(accounted_for(written({"object": OBJECT, "entry": [entry]})))
    repeated = [*found, *random.sample(found, k=len(found) // 2)]
    random.shuffle(repeated)
    assert ids(accounted_for(written({"object": OBJECT, "entry": repeated}))) == apart


@given(st.sampled_from(GOLDEN), st.data())
def test_a_truncated_body_is_refused_whole(golden: dict[str, Any], data: st.DataObject) -> None:
    body = written(golden)
    cut = data.draw(st.integers(min_value=0, max_value=len(body) - 1))
    assert parse(body[:cut]).refused == "unparsable"


@given(st.sampled_from(GOLDEN), st.data())
def test_one_changed_byte(golden: dict[str, Any], data: st.DataObject) -> None:
    body = bytearray(written(golden))
    place = data.draw(st.integers(min_value=0, max_value=len(body) - 1))
    body[place] = data.draw(st.integers(min_value=0, max_value=255))
    accounted_for(bytes(body))


@given(st.sampled_from(GOLDEN), st.data())
def test_one_replaced_value(golden: dict[str, Any], data: st.DataObject) -> None:
    mutant = json.loads(json.dumps(golden))
    places = list(_places(mutant))
    if places:
        replace = places[data.draw(st.integers(min_value=0, max_value=len(places) - 1))]
        replace(data.draw(webhook_like))
    accounted_for(written(mutant))


def _places(node: Any) -> list[Callable[[Any], None]]:
    """A setter for every value inside, wherever it stands."""
    keys = node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    found: list[Callable[[Any], None]] = []
    for key in list(keys):
        found.append(partial(node.__setitem__, key))
        found += _places(node[key])
    return found
