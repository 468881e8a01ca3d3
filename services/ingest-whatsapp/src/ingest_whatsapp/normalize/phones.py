"""Numbers that WhatsApp writes in two ways, and the one key both are found under.

An alias for finding a person and nothing else: what is sent to is the number as it came. Called by
people.py for every phone number; nearly all have no second form.
"""

import re

FORMS: dict[str, tuple[re.Pattern[str], str]] = {
    # country: both forms, and the shorter one made of either
    "55": (re.compile(r"55([1-9][0-9])9?([6-9][0-9]{7})"), r"55\1\2"),
    "52": (re.compile(r"521?([1-9][0-9]{9})"), r"52\1"),
    "54": (re.compile(r"549?([1-9][0-9]{9})"), r"54\1"),
}
"""Brazil: mobiles with and without their ninth digit; a landline begins with 2 to 5 and has none.
Mexico: with and without the 1 after the country code. Argentina: with and without the 9."""


def lookup_key(phone: str) -> str | None:
    """The key of a number that may be written in two ways; None: it is written in one."""
    row = FORMS.get(phone[:2])
    if row is None:
        return None
    pattern, short = row
    found = pattern.fullmatch(phone)
    return found.expand(short) if found else None
