"""Plain words: a name or a title as others are shown it. Pure.

Used by source.py, proofs.py and normalize.py.
"""

import re

UNWANTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
"""Control characters, and those that turn the direction of what stands around them."""


def plain(text: str) -> str:
    """On one line, single blanks between words, nothing unwanted; "" when nothing is left."""
    return " ".join(UNWANTED.sub(" ", text).split())
