"""How long and how many: the bounds Meta sets on what is sent, checked from tables. Pure.

A path walks a body by keys; `[]` stands for every element of a list. What is absent is not too
long. Used by sends.py and page_sends.py.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any


class Refused(Exception):
    """Graph's answer to a send it does not take."""

    def __init__(self, code: int, details: str, subcode: int | None = None) -> None:
        super().__init__(details)
        self.code = code
        self.subcode = subcode
        self.details = details


def characters(value: Any) -> int:
    """The length of a text or list; anything else has none."""
    return len(value) if isinstance(value, str | list) else 0


def utf8(value: Any) -> int:
    """The length of a text in bytes."""
    return len(value.encode("utf-8", "surrogatepass")) if isinstance(value, str) else 0


@dataclass(frozen=True, slots=True)
class Limit:
    """`most` of a text's characters or a list's elements at `path`; else `code`."""

    path: str
    most: int
    code: int = 131009
    size: Callable[[Any], int] = characters


def check(body: Any, limits: Sequence[Limit]) -> None:
    """Every value within its limit. Raises Refused."""
    for limit in limits:
        for value in at(body, limit.path):
            if limit.size(value) > limit.most:
                raise Refused(limit.code, f"Param {limit.path} must be at most {limit.most} long.")


def at(value: Any, path: str) -> Iterator[Any]:
    """The values at a path: `a.b[].c`."""
    name, _, rest = path.partition(".")
    key = name.removesuffix("[]")
    inner = value.get(key) if isinstance(value, dict) else None
    if inner is None:
        return
    found = (inner if isinstance(inner, list) else []) if name.endswith("[]") else [inner]
    for one in found:
        if rest:
            yield from at(one, rest)
        else:
            yield one
