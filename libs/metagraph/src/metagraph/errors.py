"""What a call to Graph can come to, apart from success, each with its verdict.

GraphError
├── NotSent          Meta certainly did not do it; `rule.retry` says whether to try again
│   └── Unreachable  no connection, or the request never left: try again
└── Ambiguous        it may have been done: never repeat it by itself, wait for its callback

Raised by calls.py, made of an answer by `classify`. Adapters read the verdict and nothing else;
taxonomy.py holds the policy.
"""

import math
import re
from dataclasses import replace
from typing import Any

import orjson

from metagraph.taxonomy import RULES, Rule, phrased, rule

MAX_DELAY_S = 900.0
"""No wait between two tries is longer; what is still impossible then fails by its deadline."""

_DIGITS = re.compile(r"[0-9]{1,10}")


class GraphError(Exception):
    """The root of the tree. `str()` is safe to log: it holds codes, never tokens or texts."""

    def __init__(self, verdict: Rule, reason: str, code: str | None = None) -> None:
        super().__init__(f"{reason} ({code})" if code else reason)
        self.rule = verdict
        self.reason = reason
        self.code = code

    @property
    def kind(self) -> str:
        """The class of the error, as in taxonomy.Kind."""
        return self.rule.kind

    @property
    def sentence(self) -> str:
        """For the person who reads the conversation."""
        return self.rule.sentence


class NotSent(GraphError):
    """Meta certainly did not do it. `code` is Graph's, `<code>` or `<code>/<subcode>`."""

    @property
    def retry(self) -> bool:
        """Whether the same call may succeed later."""
        return self.rule.retry

    def delay(self, attempt: int) -> float:
        """Seconds to wait after the given attempt, from 1; at most MAX_DELAY_S, without jitter."""
        tries = min(max(attempt, 1), 32) - 1  # a bound on the power, long past MAX_DELAY_S
        return min((self.rule.delay_s or 0.0) * self.rule.growth**tries, MAX_DELAY_S)


class Unreachable(NotSent):
    """No connection was made, or the request never left us. `reason` names the failure."""

    def __init__(self, reason: str) -> None:
        super().__init__(_UNREACHABLE, reason)


class Ambiguous(GraphError):
    """No clear answer: the call may have been carried out.

    `reason` is timeout, reset, no_json, no_id or oversized.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(_AMBIGUOUS, reason)


_UNREACHABLE = replace(RULES["transient"], sentence="Meta could not be reached.", delay_s=2)
_AMBIGUOUS = replace(
    RULES["transient"],
    delay_s=None,
    sentence="Meta gave no clear answer: the message may have been sent.",
)


def classify(
    status: int, body: bytes, retry_after: str | None = None, call: str | None = None
) -> GraphError:
    """What an answer that is not a success means.

    `body` is the answer's, `retry_after` its header of that name, in seconds; `call` names what
    was asked, because some codes mean something else there. An error object of Graph's own says
    that nothing was done. Without one, only an answer below 500 says so: behind a 5xx the call
    may have gone through.
    """
    error = _graph_error(body)
    if error is not None:
        found = _of_error(status, error, call)
    elif status == 408 or not 300 <= status < 500:  # noqa: PLR2004 - HTTP's own borders
        return Ambiguous("no_json")
    elif status == 429:  # noqa: PLR2004
        found = NotSent(RULES["throttle_app"], RULES["throttle_app"].kind, "http-429")
    else:
        found = NotSent(RULES["unknown"], RULES["unknown"].kind, f"http-{status}")
    return _heed(found, retry_after)


def _graph_error(body: bytes) -> dict[str, Any] | None:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    error = answer.get("error") if isinstance(answer, dict) else None
    return error if isinstance(error, dict) and _whole(error.get("code")) is not None else None


def _of_error(status: int, error: dict[str, Any], call: str | None) -> NotSent:
    code = _whole(error.get("code")) or 0
    subcode = _whole(error.get("error_subcode"))
    verdict = phrased(code, error.get("message")) or rule(code, subcode, call)
    if verdict is None and status == 429:  # noqa: PLR2004
        verdict = RULES["throttle_app"]
    if verdict is None:
        passing = status >= 500 or error.get("is_transient") is True  # noqa: PLR2004
        verdict = RULES["transient" if passing else "unknown"]
    return NotSent(verdict, verdict.kind, f"{code}/{subcode}" if subcode else str(code))


def _heed(error: NotSent, retry_after: str | None) -> NotSent:
    """Meta's own word on when to come back, when it is longer than ours."""
    asked = float(_whole(retry_after) or 0)
    if asked <= (error.rule.delay_s or math.inf):
        return error
    return NotSent(replace(error.rule, delay_s=asked), error.reason, error.code)


def _whole(value: object) -> int | None:
    """Codes come as numbers, now and then as text. Ten digits hold them all."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and _DIGITS.fullmatch(value) else None
