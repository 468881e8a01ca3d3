"""The law of receiving, and payloads nobody ever sent: what every adapter's property tests share.

`Law(PLATFORM).holds(body)`: items = events + repeated + quarantined. `webhook_like(words)` is JSON
made of a platform's own words; `mutated` and `grown` change recorded bodies, `mutants` makes
bytes of them for a gate: cut short, a byte or a value changed, merged.
"""

import copy
import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import strategies as st

from adapter.bodies import Normalized
from adapter.items import Platform
from contracts import batch
from support.goldens import events_in, normalized

words = st.text(alphabet=st.characters(exclude_categories=()), max_size=8)
"""Lone surrogates and NUL included."""
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=12,
)
"""Any JSON."""


@dataclass(frozen=True)
class Law:
    """Every item of a body by exactly one outcome, every event readable, no id twice."""

    platform: Platform

    def holds(self, body: bytes) -> Normalized:
        """What became of the body; fails when the law does not hold."""
        items = len(self.platform.parse(body).items)
        made = normalized(self.platform, body)
        repeated = sum(n for (outcome, _), n in made.outcomes.items() if outcome == "repeated")
        events = [event for theirs in made.events.values() for event in theirs]
        assert sum(made.outcomes.values()) == items
        assert len(events) + repeated + len(made.quarantined) == items
        ids = [batch.decode_event(item).id for item in batch.unpack(batch.pack(events))]
        assert len(ids) == len(set(ids))
        return made

    def ids(self, body: bytes) -> set[str]:
        """The ids of the events a body becomes."""
        return {event["id"] for event in events_in(self.holds(body))}


def written(value: Any) -> bytes:
    """JSON, lone surrogates included."""
    return json.dumps(value).encode("utf-8", "surrogatepass")


def recorded(payloads: Iterable[Path]) -> list[dict[str, Any]]:
    """The bodies of golden payloads."""
    return [json.loads(path.read_bytes()) for path in payloads]


def entries_of(bodies: Iterable[dict[str, Any]]) -> list[Any]:
    """The entries of all bodies, to be merged anew."""
    return [entry for body in bodies for entry in body.get("entry") or []]


def webhook_like(vocabulary: Iterable[str], scalars: Iterable[Any]) -> st.SearchStrategy[Any]:
    """JSON whose keys are a platform's, and whose values now and then are too."""
    keys = st.sampled_from(sorted(set(vocabulary)))
    return st.recursive(
        values | keys | st.sampled_from(list(scalars)),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=6),
        max_leaves=30,
    )


def places(node: Any) -> list[Callable[[Any], None]]:
    """A setter for every value inside, wherever it stands."""
    keys = node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    found: list[Callable[[Any], None]] = []
    for key in list(keys):
        found.append(partial(node.__setitem__, key))
        found += places(node[key])
    return found


def objects(node: Any) -> list[dict[str, Any]]:
    """Every object inside, the outermost first."""
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return [
        *([node] if isinstance(node, dict) else []),
        *(o for one in inner for o in objects(one)),
    ]


def retyped(value: Any) -> Any:
    """The same number as text, the same digits as a number; anything else as it is."""
    if type(value) is int:
        return str(value)
    if isinstance(value, str) and value.isascii() and value.isdigit() and not value.startswith("0"):
        return int(value)
    return value


def changed(
    body: dict[str, Any], keys: Collection[str], change: Callable[[Any], Any]
) -> dict[str, Any]:
    """A copy with the plain values of these keys changed, wherever they stand."""
    body = copy.deepcopy(body)
    for node in objects(body):
        for key, value in node.items():
            if key in keys and not isinstance(value, (dict, list)):
                node[key] = change(value)
    return body


def without(body: dict[str, Any], keys: Collection[str]) -> dict[str, Any]:
    """A copy in which no object has any of these keys."""
    body = copy.deepcopy(body)
    for node in objects(body):
        for key in set(keys) & node.keys():
            del node[key]
    return body


def milliseconds(value: Any) -> Any:
    """Seconds as milliseconds, of the same type."""
    return value * 1000 if type(value) is int else f"{value}000"


def _remove(node: dict[str, Any], draw: st.DrawFn, _values: st.SearchStrategy[Any]) -> None:
    if node:
        del node[draw(st.sampled_from(sorted(node)))]


def _retype(node: dict[str, Any], _draw: st.DrawFn, _values: st.SearchStrategy[Any]) -> None:
    node.update({key: retyped(value) for key, value in node.items()})


def _grow(node: dict[str, Any], draw: st.DrawFn, values: st.SearchStrategy[Any]) -> None:
    node["a_key_of_next_year"] = draw(values)


def _replace(node: dict[str, Any], draw: st.DrawFn, values: st.SearchStrategy[Any]) -> None:
    if node:
        node[draw(st.sampled_from(sorted(node)))] = draw(values)


MUTATIONS = (_remove, _retype, _grow, _replace)


@st.composite
def mutated(
    draw: st.DrawFn, bodies: list[dict[str, Any]], inner: st.SearchStrategy[Any] = values
) -> dict[str, Any]:
    """A recorded body after one to five mutations anywhere in it."""
    body: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(bodies)))
    for mutate in draw(st.lists(st.sampled_from(MUTATIONS), min_size=1, max_size=5)):
        found = objects(body)
        mutate(found[draw(st.integers(0, len(found) - 1))], draw, inner)
    return body


@st.composite
def grown(draw: st.DrawFn, bodies: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A recorded body, and the same with a new key in any of its objects.

    The value is no list: an unknown list beside known ones is taken for new items.
    """
    before = draw(st.sampled_from(bodies))
    after = copy.deepcopy(before)
    found = objects(after)
    for index in draw(st.sets(st.integers(0, len(found) - 1), min_size=1)):
        found[index]["a_key_of_next_year"] = draw(values.filter(lambda v: not isinstance(v, list)))
    return before, after


def mutants(bodies: list[dict[str, Any]], count: int, seed: int) -> Iterator[bytes]:
    """Recorded bodies cut short, with a byte changed, with a value replaced, and merged."""
    random = Random(seed)
    pool = [value for body in bodies for node in objects(body) for value in node.values()]
    for _ in range(count):
        body = copy.deepcopy(random.choice(bodies))
        match random.randrange(4):
            case 0:
                yield written(body)[: random.randrange(600)]
            case 1:
                raw = bytearray(written(body))
                raw[random.randrange(len(raw))] = random.randrange(256)
                yield bytes(raw)
            case 2:
                setters = places(body) or [lambda _value: None]
                random.choice(setters)(copy.deepcopy(random.choice(pool)))
                yield written(body)
            case _:
                others = random.choices(bodies, k=3)
                merged = [entry for other in others for entry in other.get("entry") or []]
                yield written(body | {"entry": merged})


@st.composite
def merged(draw: st.DrawFn, entries: list[Any]) -> tuple[list[Any], list[Any]]:
    """Entries as they are, and the same repeated and shuffled."""
    apart = draw(st.lists(st.sampled_from(entries), min_size=1, max_size=8))
    again = draw(st.lists(st.sampled_from(apart), max_size=len(apart)))
    return apart, draw(st.permutations([*apart, *again]))
