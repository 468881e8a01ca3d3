r"""Who sent these bytes: Meta signs every webhook, and this module checks the signature.

Called by an adapter's HTTP rim for every POST, before the body is parsed, and by the emulator,
which signs. The signature is `X-Hub-Signature-256: sha256=<64 lowercase hex>`, an HMAC-SHA256 of
the body under the app secret. Only the bytes as they came over the wire will do: Meta escapes
characters its own way (`\u00e4`, `\/`), so JSON that was parsed and written again never matches.
"""

import hmac
import re
from collections.abc import Sequence
from enum import Enum

from typing_extensions import override

HEADER = "X-Hub-Signature-256"

_SHAPE = re.compile(r"sha256=([0-9a-f]{64})")


class Verdict(Enum):
    """What a signature is worth. Only VALID is true; `value` is the reason a counter shows."""

    VALID = "valid"
    MISSING = "missing"
    MALFORMED = "malformed"
    MISMATCH = "mismatch"

    def __bool__(self) -> bool:
        return self is Verdict.VALID


class NoSecret(ValueError):
    """Without an app secret nothing can be checked, and unchecked means refused."""


class Signatures:
    """Checks signatures against the app's secrets; several, so that one can be rotated out.

    Raises NoSecret when there is none or one is empty: a process that cannot tell Meta from a
    stranger must not start.
    """

    def __init__(self, secrets: Sequence[bytes]) -> None:
        if not secrets:
            raise NoSecret("no app secret: at least one is needed to check Meta's signatures")
        if not all(secrets):
            raise NoSecret("an app secret is empty: anybody could sign with it")
        self._keyed = tuple(hmac.new(secret, digestmod="sha256") for secret in secrets)

    def verify(self, body: bytes, header: str | None) -> Verdict:
        """The verdict on `body` as it came over the wire, and the value of HEADER, if any."""
        if not header:
            return Verdict.MISSING
        match = _SHAPE.fullmatch(header)
        if match is None:
            return Verdict.MALFORMED
        for keyed in self._keyed:
            mac = keyed.copy()  # the hot path: a new one would mix in the key each time
            mac.update(body)
            if hmac.compare_digest(mac.hexdigest(), match[1]):
                return Verdict.VALID
        return Verdict.MISMATCH

    @override
    def __repr__(self) -> str:
        return f"Signatures({len(self._keyed)} secrets)"


def sign(body: bytes, secret: bytes) -> str:
    """The value of HEADER that Meta would send with `body`."""
    return f"sha256={hmac.digest(secret, body, 'sha256').hex()}"
