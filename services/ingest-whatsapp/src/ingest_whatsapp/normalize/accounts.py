"""News of the account itself: its health, templates, groups, errors. Used by items.py.

All become the same event: what happened, everything said of it, and what follows for the
account's health (health.py). The kind is the field, and the word for what happened if it has one.
"""

from adapter.fields import Wire, sentence
from adapter.items import ACCOUNT, Item, Made, Make
from ingest_whatsapp.normalize.health import health_of

MAX_KIND = 128


def news(kind: str, word: str = "event") -> Make:
    """A row of the table: `<kind>.<word>`, the word read from this key of the item."""

    def make(item: Item) -> Made:
        details = item.body
        happened = sentence(details.get(word))
        data: Wire = {
            "kind": f"{kind}.{happened.lower()}"[:MAX_KIND] if happened else kind,
            "details": details,
        }
        if health := health_of(kind, happened or "", details):
            data["health"] = health
        return Made(ACCOUNT, data)

    return make
