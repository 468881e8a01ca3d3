"""Leads: what a person says of themself in a form, in one written form. Pure; used by app.people.

Their word is proven by nothing: it fills what is empty and finds nobody. Of names: Contact.learn.
"""

import re

from email_validator import EmailNotValidError, validate_email
from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    format_number,
    is_possible_number,
    parse,
)

MAX_PHONE = 32


def email_of(said: str | None) -> str | None:
    """The address in lower case; None for what is none. Nobody is asked about it."""
    try:
        return validate_email((said or "").strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return None


def phone_of(said: str | None) -> str | None:
    """In E.164 when it says its country, else as it was said; None without a digit in it."""
    words = re.sub(r"[\x00-\x20\x7f]+", " ", said or "").strip()[:MAX_PHONE]
    if not any(character.isdigit() for character in words):
        return None
    try:
        number = parse(words, None)
    except NumberParseException:
        return words
    return format_number(number, PhoneNumberFormat.E164) if is_possible_number(number) else words
