"""Whatever comes, nothing is lost and nothing raises: hypothesis against parse and the tables."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_meta.channels import CHANNELS, META
from ingest_meta.payloads import ACTS
from support import payload_properties as pp
from support.goldens import DATA, Goldens

LAW = pp.Law(META)
GOLDEN = {channel: pp.recorded(Goldens(META, DATA / channel).payloads) for channel in CHANNELS}
EVERY = [body for bodies in GOLDEN.values() for body in bodies]
WORDS = sorted({*(key for node in pp.objects(EVERY) for key in node), *ACTS})
SCALARS = sorted(
    {
        value
        for node in pp.objects(EVERY)
        for value in node.values()
        if isinstance(value, str) and len(value) < 30 and value.isascii()
    }
)
webhook_like = pp.webhook_like(WORDS, [*SCALARS, 1790000001, 1790000001385, True])
objects = st.sampled_from([row.object for row in CHANNELS.values()])
each_channel = pytest.mark.parametrize("channel", CHANNELS)


def body_of(name: str, *entries: Any) -> bytes:
    return pp.written({"object": name, "entry": list(entries)})


@given(objects, st.lists(webhook_like, max_size=4))
def test_any_entries(name: str, entries: list[Any]) -> None:
    LAW.holds(body_of(name, *entries))


@given(
    objects,
    st.sampled_from(["messaging", "standby"]),
    st.lists(st.dictionaries(st.sampled_from(WORDS), webhook_like), max_size=4),
)
def test_any_acts(name: str, kind: str, acts: list[Any]) -> None:
    LAW.holds(body_of(name, {"id": "1", kind: acts}))


@given(objects, st.dictionaries(st.sampled_from(WORDS), webhook_like))
def test_any_message(name: str, message: dict[str, Any]) -> None:
    act = {"sender": {"id": "2"}, "recipient": {"id": "1"}, "message": {**message, "mid": "m_1"}}
    LAW.holds(body_of(name, {"id": "1", "messaging": [act]}))


@given(objects, st.sampled_from(WORDS), webhook_like)
def test_any_change(name: str, field: str, value: Any) -> None:
    changes = [{"field": field, "value": value}]
    LAW.holds(body_of(name, {"id": "1", "changes": changes, "field": field, "value": value}))


@each_channel
@given(st.data())
def test_merged_shuffled_and_repeated_bodies_make_the_same_events(
    channel: str, data: st.DataObject
) -> None:
    name = CHANNELS[channel].object
    apart, together = data.draw(pp.merged(pp.entries_of(GOLDEN[channel])))
    expected = set[str]().union(*(LAW.ids(body_of(name, entry)) for entry in apart))
    assert LAW.ids(body_of(name, *together)) == expected


@each_channel
@given(st.data())
def test_an_entry_split_into_its_acts_makes_the_same_events(
    channel: str, data: st.DataObject
) -> None:
    name = CHANNELS[channel].object
    acting = [entry for entry in pp.entries_of(GOLDEN[channel]) if _acts(entry)]
    entry = data.draw(st.sampled_from(acting))
    rest = {key: value for key, value in entry.items() if key != "messaging"}
    alone = [{**rest, "messaging": [act]} for act in _acts(entry)]
    assert LAW.ids(body_of(name, *data.draw(st.permutations(alone)))) == LAW.ids(
        body_of(name, entry)
    )


def _acts(entry: Any) -> list[Any]:
    acts = entry.get("messaging") if isinstance(entry, dict) else None
    return acts if isinstance(acts, list) else []


@given(st.sampled_from(EVERY), st.data())
def test_a_truncated_body_is_refused_whole(golden: dict[str, Any], data: st.DataObject) -> None:
    body = pp.written(golden)
    cut = data.draw(st.integers(min_value=0, max_value=len(body) - 1))
    assert META.parse(body[:cut]).refused == "unparsable"


@given(st.sampled_from(EVERY), st.data())
def test_one_changed_byte(golden: dict[str, Any], data: st.DataObject) -> None:
    body = bytearray(pp.written(golden))
    place = data.draw(st.integers(min_value=0, max_value=len(body) - 1))
    body[place] = data.draw(st.integers(min_value=0, max_value=255))
    LAW.holds(bytes(body))


@given(pp.mutated(EVERY, webhook_like))
def test_fields_gone_retyped_added_and_replaced(mutant: dict[str, Any]) -> None:
    LAW.holds(pp.written(mutant))
