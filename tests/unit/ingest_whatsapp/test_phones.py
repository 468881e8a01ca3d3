"""Numbers written in two ways: found under one key, never rewritten."""

import pytest

from ingest_whatsapp.normalize import people
from ingest_whatsapp.normalize.phones import lookup_key


@pytest.mark.parametrize(
    ("phone", "key"),
    [
        ("5511987654321", "551187654321"),  # Brazil, with the ninth digit
        ("551187654321", "551187654321"),  # and without
        ("551132654321", None),  # a landline has no second form
        ("5511932654321", None),  # nor does a ninth digit make a mobile of one
        ("5215512345678", "525512345678"),  # Mexico, with the 1
        ("525512345678", "525512345678"),
        ("5491123456789", "541123456789"),  # Argentina, with the 9
        ("541123456789", "541123456789"),
        ("4915112345678", None),
        ("55", None),
        ("US.13491208655302741918", None),  # no business-scoped id is ever touched
    ],
)
def test_both_forms_have_one_key(phone: str, key: str | None) -> None:
    assert lookup_key(phone) == key


def test_the_number_as_it_came_stays_and_the_key_stands_last() -> None:
    contact = people.person({"from": "5511987654321", "from_user_id": "BR.1"}, people.WRITER)
    assert contact["aliases"] == [
        {"kind": "bsuid", "value": "BR.1"},
        {"kind": "phone", "value": "5511987654321"},
        {"kind": "phone_key", "value": "551187654321"},
    ]
