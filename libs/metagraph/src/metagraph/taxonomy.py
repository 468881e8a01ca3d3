"""THE table of what Graph's error codes mean, and what follows from each.

Read through `rule`: by errors.py for answers to our calls, and by adapters for the codes that
arrive later in status webhooks. Sources: Meta's pages "Error codes" of the WhatsApp Cloud API, of
the Messenger Platform and of the Graph API. The code decides, never the HTTP status, and a text
only where Meta gives nothing else (PHRASES).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

Kind = Literal[
    "auth",
    "throttle_app",
    "throttle_phone",
    "throttle_pair",
    "quality",
    "window",
    "undeliverable",
    "declined",
    "transient",
    "media",
    "payment",
    "content",
    "unknown",
]
Fault = Literal["account", "recipient", "message", "meta"]
"""Whose fault it is: the account's set-up, the person written to, our message, or Meta."""

Scope = Literal["message", "recipient", "account", "app"]
"""How far the verdict reaches: what else must slow down, or stop when `pause` is set."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What follows from an error.

    `delay_s`: the same call may succeed after as many seconds, then after `growth` times as many;
    None: trying again cannot help. `pause`: everything in `scope` fails the same way until a
    person acts. `sentence` is for the person who reads the conversation.
    """

    kind: Kind
    fault: Fault
    scope: Scope
    sentence: str
    delay_s: float | None = None
    growth: float = 2.0
    pause: bool = False

    @property
    def retry(self) -> bool:
        """Whether the same call may succeed later."""
        return self.delay_s is not None


RULES: dict[Kind, Rule] = {
    rule.kind: rule
    for rule in (
        Rule("auth", "account", "account", "Access refused. Reconnect the channel.", pause=True),
        Rule("throttle_app", "account", "app", "Meta slows this app down.", delay_s=60),
        Rule("throttle_phone", "account", "account", "Meta slows this number down.", delay_s=5),
        Rule("throttle_pair", "account", "recipient", "Too fast for them.", delay_s=6, growth=4),
        Rule("quality", "account", "account", "Meta has restricted this channel.", pause=True),
        Rule("window", "message", "recipient", "Only a template may be sent now."),
        Rule("undeliverable", "recipient", "recipient", "This person cannot be reached."),
        Rule("declined", "recipient", "recipient", "Meta chose not to deliver this message."),
        Rule("transient", "meta", "message", "Meta has a passing problem.", delay_s=5),
        Rule("media", "message", "message", "Meta could not take the file.", delay_s=30),
        Rule("payment", "account", "account", "Meta asks for payment first.", pause=True),
        Rule("content", "message", "message", "Meta does not accept a message of this form."),
        Rule("unknown", "meta", "message", "Meta refused it with an error not known here."),
    )
}
"""The policy of each kind: whose fault, what it reaches, what a person reads."""


@dataclass(frozen=True, slots=True)
class Row:
    """A code's kind, and where it differs from the kind: its own sentence, delay or reach.

    `retry` False: trying again is vain, though the kind says otherwise.
    """

    kind: Kind
    sentence: str | None = None
    pause: bool | None = None
    delay_s: float | None = None
    retry: bool = True


CODES: dict[int | tuple[int, int], Row] = {
    # auth: nothing can be sent until somebody mends the access
    0: Row("auth", "Meta does not accept the channel's token. Reconnect the channel."),
    3: Row("auth", "The app lacks a capability for this call. See its settings at Meta."),
    10: Row("auth", "The app lacks a permission for this account. Reconnect the channel."),
    190: Row("auth", "The channel's token has expired or was withdrawn. Reconnect the channel."),
    33: Row("auth", "This number was deleted at Meta."),
    (100, 33): Row("auth", "Meta does not know this account, or the token may not use it."),
    (1, 99): Row("auth", "The app lacks a permission for this account. Reconnect the channel."),
    (2, 2018344): Row("auth", "The page's owner has not accepted Meta's terms for messages."),
    (200, 2018028): Row("auth", "The app may not write to people yet: Meta has not reviewed it."),
    131005: Row("auth", "The token may not send for this number. Reconnect the channel."),
    131045: Row("auth", "The number is not registered for sending. Register it at Meta."),
    133010: Row("auth", "The number is not registered for sending. Register it at Meta."),
    # throttles, by what is being limited
    4: Row("throttle_app"),
    32: Row("throttle_app"),
    613: Row("throttle_app"),
    17: Row("throttle_app"),
    80006: Row("throttle_app"),
    80007: Row("throttle_app"),
    130429: Row("throttle_phone"),
    133016: Row("throttle_phone", delay_s=3600),
    131056: Row("throttle_pair"),
    # quality and policy: sending more makes it worse
    368: Row("quality", "Meta has blocked this account for breaking a policy."),
    (10, 1893063): Row("quality", "Meta has restricted this page for a while."),
    131031: Row("quality", "Meta has locked this account."),
    131048: Row("quality", "Too many people blocked this number or reported it as spam."),
    131064: Row("quality"),
    130497: Row("quality", "This account may not write to people in that country.", pause=False),
    # the reply window
    131047: Row("window", "More than 24 hours have passed. Only a template may be sent now."),
    (10, 2018278): Row("window", "The reply window is closed until this person writes again."),
    (10, 2534022): Row("window", "The reply window is closed until this person writes again."),
    (10, 2018065): Row("window", "The reply window is closed until this person writes again."),
    (10, 2018108): Row("window", "The reply window is closed until this person writes again."),
    # this person cannot be reached
    551: Row("undeliverable", "This person cannot be written to now."),
    (551, 1545041): Row("undeliverable", "This person cannot be written to now."),
    (200, 1545041): Row("undeliverable", "This person cannot be written to now."),
    (10, 1545041): Row("undeliverable", "This person cannot be written to now."),
    (100, 2534014): Row("undeliverable", "Meta knows no such person for this account."),
    (100, 2018001): Row("undeliverable", "Meta knows no such person for this page."),
    (100, 2018218): Row("undeliverable", "Meta shows no profile of this person."),
    131021: Row("undeliverable", "A number cannot write to itself."),
    131026: Row("undeliverable", "The number is not on WhatsApp, or its app is too old."),
    131030: Row("undeliverable", "A test number may only write to numbers on its list."),
    131037: Row("undeliverable", "The number's display name is not approved at Meta."),
    131062: Row("undeliverable", "This kind of message needs the person's phone number."),
    # Meta's own choice not to deliver
    130472: Row("declined", "Meta holds this message back from the person as an experiment."),
    131049: Row("declined", "Meta holds it back to spare the person. Wait a day at least."),
    (4, 2018354): Row("declined", "Meta asks for more time between notices to this person."),
    (9, 2018352): Row("declined", "This person gets no more notices for now."),
    131050: Row("declined", "The person does not want marketing messages from you."),
    # Meta's own trouble
    -1: Row("transient"),
    1: Row("transient"),
    2: Row("transient"),
    1200: Row("transient"),
    131000: Row("transient"),
    131016: Row("transient"),
    131057: Row("transient", "The number is in maintenance for about a minute.", delay_s=60),
    # files
    (100, 2018008): Row("media", "Meta could not fetch the file."),
    (100, 2018047): Row("media", "Meta could not fetch the file."),
    9004: Row("media", "Meta could not fetch the file."),
    131052: Row("media", "The file could not be fetched from Meta."),
    131053: Row("media", "Meta could not take the file: its kind or size may be wrong."),
    # money
    131042: Row("payment"),
    131044: Row("payment"),
    134011: Row("payment", "The terms of WhatsApp payments are not accepted yet."),
    # our message
    100: Row("content", "A field of the message is missing or wrong."),
    (100, 2018109): Row("content", "The file is larger than Meta allows."),
    131008: Row("content", "A field of the message is missing."),
    131009: Row("content", "A field of the message has a wrong value."),
    131051: Row("content", "Meta does not support this kind of message."),
    132000: Row("content", "The template has another number of placeholders."),
    132001: Row("content", "There is no such template in this language."),
    132015: Row("content", "The template is paused for low quality."),
    132016: Row("content", "The template is disabled for low quality."),
    135000: Row("content"),
}
"""By code, or by (code, subcode) where the code alone says too little."""

RANGES: tuple[tuple[range, Kind], ...] = (
    (range(200, 300), "auth"),
    (range(132000, 133000), "content"),
)
"""Families Meta keeps adding to. Asked after CODES."""

BY_CALL: Mapping[str, Mapping[int | tuple[int, int], Row]] = MappingProxyType(
    {
        "profile": {
            10: Row("auth", "The app may not read profiles. See its access at Meta.", pause=False),
            33: Row("undeliverable", "Meta shows no profile of this person."),
            (100, 33): Row("undeliverable", "Meta shows no profile of this person."),
            200: Row("auth", "The app may not read profiles. See its access at Meta.", pause=False),
            230: Row("declined", "This person has not agreed to show a profile."),
        },
        "media": {
            100: Row("media", "The file is gone from Meta.", retry=False),
            (100, 33): Row("media", "The file is gone from Meta.", retry=False),
        },
    }
)
"""Where a code means something else: a person without a profile is no account without access."""

PHRASES: tuple[tuple[int, str, Row], ...] = (
    (
        100,
        "unsupported request - method type",
        Row("auth", "Meta does not know this account here."),
    ),
    (100, "user consent is required", Row("declined", "This person has not agreed to it.")),
)
"""Code, part of the message in small letters, meaning: for answers without any telling code.

The first is what Instagram says when the account belongs to its other origin, or when the app
lost access to it.
"""


def rule(code: int, subcode: int | None = None, call: str | None = None) -> Rule | None:
    """What follows from a code; the row of (code, subcode) wins, then that of the call.

    None: not in the table.
    """
    keys: list[int | tuple[int, int]] = [code] if subcode is None else [(code, subcode), code]
    for key in keys:
        for table in (BY_CALL.get(call or "", {}), CODES):
            if key in table:
                return _merge(table[key])
    return next((RULES[kind] for codes, kind in RANGES if code in codes), None)


def phrased(code: int, message: object) -> Rule | None:
    """What follows from the words of an error, where PHRASES holds them."""
    words = message.lower() if isinstance(message, str) else ""
    return next(
        (_merge(row) for known, part, row in PHRASES if known == code and part in words), None
    )


def _merge(row: Row) -> Rule:
    base = RULES[row.kind]
    return replace(
        base,
        sentence=row.sentence or base.sentence,
        delay_s=(row.delay_s or base.delay_s) if row.retry else None,
        pause=base.pause if row.pause is None else row.pause,
    )
