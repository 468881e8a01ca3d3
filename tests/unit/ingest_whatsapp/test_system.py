"""Which ids take the place of which when a person changes number or id."""

from typing import Any

import pytest

from ingest_whatsapp.normalize import WHATSAPP
from support import whatsapp as wa
from support.goldens import events_of

OLD, NEW = wa.PERSON, "12195555358"
OLD_ID, NEW_ID = "US.1", "US.2"
OLD_PARENT, NEW_PARENT = "US.ENT.1", "US.ENT.2"


def change(system: dict[str, Any], **writer: Any) -> dict[str, Any]:
    """The event of a system message, which has no contacts."""
    message = {"id": "wamid.1", "timestamp": "1790000000", "type": "system", "system": system}
    value = wa.value(messages=[message | writer])
    del value["contacts"]
    (event,) = events_of(WHATSAPP, wa.body(value))
    return event


def values(aliases: list[dict[str, str]]) -> list[str]:
    return [alias["value"] for alias in aliases]


@pytest.mark.parametrize(
    ("system", "writer", "current", "previous"),
    [
        ({"type": "user_changed_number", "wa_id": NEW}, {"from": OLD}, [NEW], [OLD]),
        ({"type": "user_changed_number", "wa_id": NEW}, {}, [NEW], []),
        ({"type": "customer_changed_number", "new_wa_id": NEW, "customer": OLD}, {}, [NEW], [OLD]),
        ({"type": "user_changed_number", "wa_id": NEW, "user_id": NEW_ID},
         {"from": OLD, "from_user_id": OLD_ID}, [NEW_ID, NEW], [OLD_ID, OLD]),
        ({"type": "user_changed_number", "user_id": NEW_ID, "previous_user_id": OLD_ID},
         {"from": OLD}, [NEW_ID], [OLD_ID, OLD]),
        ({"type": "user_changed_number", "wa_id": NEW}, {"from": NEW}, [NEW], []),
        ({"type": "user_changed_user_id", "user_id": NEW_ID, "previous_user_id": OLD_ID},
         {}, [NEW_ID], [OLD_ID]),
        ({"type": "user_changed_user_id", "user_id": NEW_ID, "previous_user_id": OLD_ID},
         {"from": OLD}, [NEW_ID, OLD], [OLD_ID]),
        ({"type": "user_changed_user_id", "user_id": NEW_ID}, {"from_user_id": OLD_ID},
         [NEW_ID], [OLD_ID]),
        ({"type": "user_changed_user_id", "user_id": NEW_ID, "previous_user_id": OLD_ID,
          "parent_user_id": NEW_PARENT, "previous_parent_user_id": OLD_PARENT},
         {"from": OLD, "from_user_id": NEW_ID},
         [NEW_ID, OLD, NEW_PARENT], [OLD_ID, OLD_PARENT]),
    ],
)  # fmt: skip
def test_who_is_who_now(
    system: dict[str, Any], writer: dict[str, Any], current: list[str], previous: list[str]
) -> None:
    event = change(system, **writer)
    assert event["type"] == "sluice.contact.v1"
    assert event["data"]["reason"] == system["type"]
    assert values(event["data"]["contact"]["aliases"]) == current
    assert values(event["data"].get("previous", [])) == previous


@pytest.mark.parametrize(
    ("system", "writer", "who"),
    [
        ({"type": "customer_identity_changed", "wa_id": OLD}, {}, [OLD]),
        ({"type": "customer_identity_changed", "customer": OLD}, {}, [OLD]),
        ({"type": "customer_identity_changed"}, {"from_user_id": OLD_ID}, [OLD_ID]),
    ],
)
def test_another_identity_is_a_notice(
    system: dict[str, Any], writer: dict[str, Any], who: list[str]
) -> None:
    data = change(system, **writer)["data"]
    assert data["notice"] is True
    assert data["parts"][0]["data"]["name"] == "identity_changed"
    assert values(data["contact"]["aliases"]) == who
