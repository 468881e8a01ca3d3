"""Origins: the pages a channel may stand on. Exact, or one level under a domain. Pure.

https://example.com  http://localhost:3000  https://*.example.com
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

MAX_ORIGINS = 50
LABEL = r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?"
ORIGIN = re.compile(
    rf"(?P<scheme>https?)://(?P<wild>\*\.)?(?P<host>{LABEL}(?:\.{LABEL})*|\[[0-9a-f:]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?"
)
DEFAULT_PORTS = {"http": "80", "https": "443"}
LEAST_LABELS = 2
"""Under a wildcard: *.example.com, never *.com."""
HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Origins:
    """`exact` as browsers write them; `under`: (scheme, host and port) of wildcards."""

    exact: frozenset[str]
    under: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    def allow(self, origin: str) -> bool:
        """Whether a page of this origin may speak to the channel. `null` never may."""
        if origin in self.exact:
            return True
        scheme, _, rest = origin.partition("://")
        first, _, parent = rest.partition(".")
        return re.fullmatch(LABEL, first) is not None and (scheme, parent) in self.under


def parse(words: Iterable[str]) -> tuple[Origins, list[str]]:
    """The origins, and a sentence for each word that is none."""
    exact, under, mistakes = set(), set(), []
    for word in words:
        mistake = _mistake(word.lower())
        if mistake is not None:
            mistakes.append(mistake)
            continue
        found = ORIGIN.fullmatch(word.lower())
        assert found is not None  # noqa: S101 - _mistake has seen to it
        port = found["port"]
        scheme, place = found["scheme"], found["host"]
        if port and port != DEFAULT_PORTS[scheme]:
            place = f"{place}:{int(port)}"
        if found["wild"]:
            under.add((scheme, place))
        else:
            exact.add(f"{scheme}://{place}")
    return Origins(frozenset(exact), frozenset(under)), mistakes


def _mistake(word: str) -> str | None:
    """What is wrong with a word, as a sentence; None: nothing."""
    found = ORIGIN.fullmatch(word)
    if found is None:
        return (
            f"origins: {word[:60]!r} is not an origin; write scheme, host and port as in "
            "https://example.com, without a path, names of other scripts as xn--."
        )
    if found["port"] and not 0 < int(found["port"]) <= HIGHEST_PORT:
        return f"origins: {word[:60]!r} has no such port."
    if not found["wild"]:
        return None
    if found["scheme"] != "https":
        return f"origins: {word[:60]!r} is a wildcard without https."
    if found["host"].count(".") + 1 < LEAST_LABELS or _is_address(found["host"]):
        return f"origins: {word[:60]!r} is too wide; a wildcard stands under a domain of its own."
    return None


def _is_address(host: str) -> bool:
    return host.startswith("[") or host.replace(".", "").isdigit()
