"""What became of the messages we sent, and of payments we asked for. Used by items.py.

Statuses come in any order, some are skipped, and many are of messages other programs sent: whose
they are is found out by inbox-core.
"""

from typing import Any

from adapter.fields import Wire, identifier, mapping, required, sentence
from adapter.items import DELETION, DELIVERY, Item, Made
from ingest_whatsapp.normalize import people
from ingest_whatsapp.normalize.lanes import contacts_of
from metagraph import taxonomy

MAX_SENTENCE = 300


def delivery(item: Item) -> Made:
    """sent, delivered, read, played or failed."""
    body = item.body
    data: Wire = {
        "external_id": required(body.get("id")),
        "status": body["status"].lower(),
        "recipient": people.recipient(body, contacts_of(item)),
    }
    if client_ref := identifier(body.get("biz_opaque_callback_data")):
        data["client_ref"] = client_ref
    if problem := problem_of(body.get("errors")):
        data["problem"] = problem
    return Made(DELIVERY, data)


def deleted(item: Item) -> Made:
    """Of old numbers: the message was replaced by "This message was deleted"."""
    return Made(DELETION, {"external_id": required(item.body.get("id"))})


def problem_of(errors: Any) -> Wire | None:
    """The first error of a status, as the table of Graph's codes judges it.

    The table's sentences on passing trouble promise another try, which nobody makes of a message
    that failed after it was sent: there, and for codes not in the table, Meta's own words stand.
    """
    error = mapping(errors[0]) if isinstance(errors, list) and errors else mapping(errors)
    if not error:
        return None
    code = identifier(error.get("code"))
    known = rule_of(code)
    rule = known or taxonomy.RULES["unknown"]
    details = mapping(error.get("error_data")).get("details") or error.get("details")
    theirs = error.get("title") or error.get("message") or details
    told = rule.sentence
    if (known is None or rule.retry) and (words := sentence(theirs, MAX_SENTENCE)):
        told = f"Meta says: {words}"
    problem: Wire = {"kind": rule.kind, "message": told}
    if code:
        problem["code"] = code
    return problem | {"retryable": rule.retry}


def rule_of(code: str | None) -> taxonomy.Rule | None:
    """What the table of Graph's codes says of a code; None: it does not know it."""
    return taxonomy.rule(int(code)) if code and code.isascii() and code.isdigit() else None
