"""Devices: the browser and the system that a user agent names, parsed when somebody looks.

The raw text is what is stored, so that a newer table of browsers names old conversations better.
Called by adapters.postgres.reading. The parser's table is loaded with the first text, which takes
half a second, and a text takes milliseconds: call it in a thread.
"""

from functools import lru_cache

import ua_parser
from pydantic import BaseModel

MAX_USER_AGENT = 512
"""Characters that are looked at; contracts.parts.Source has no more."""
REMEMBERED = 2048
"""Texts whose answer is kept: there are fewer browsers than visitors."""


class DeviceView(BaseModel):
    """As people say it, «Firefox 128» on «Windows 10»; null: nobody knows."""

    browser: str | None
    os: str | None


@lru_cache(maxsize=REMEMBERED)
def device_of(user_agent: str) -> DeviceView:
    """What the text claims; visitors may claim anything."""
    said = user_agent[:MAX_USER_AGENT]
    browser, system = ua_parser.parse_user_agent(said), ua_parser.parse_os(said)
    return DeviceView(
        browser=_named(browser.family, browser.major) if browser else None,
        os=_named(system.family, system.major) if system else None,
    )


def _named(family: str, major: str | None) -> str:
    return f"{family} {major}" if major else family
