"""Claims: of all who are given a command, one calls the provider (docs/architecture.md, Sending).

Adapters have no database. A claim is an entry of the bucket `claims`, key = command id, and every
step is a compare-and-set, so a crash at any point leaves one of four states behind:

nothing or `released`     nobody has called: take it
`held`, young             somebody is calling: Busy
`held`, old, no outcome   somebody called and died: Lost, the outcome is unknown, nobody calls again
`done`                    the outcome is here: Finished, publish it again
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

from pydantic import Base64Bytes, BaseModel, ConfigDict, ValidationError

from bus.errors import Ambiguous, Conflict, Unavailable
from bus.ports import Bucket, Entry

ATTEMPTS = 4
"""Of a compare-and-set whose answer was lost, or that another claimer overtook."""
MIN_BUSY_S = 1.0
DOUBTS_REMEMBERED = 4096
CLOCK_SKEW_S = 5.0
"""A claim from further in the future was written by a wrong clock: it counts as just taken."""


class Claim(BaseModel):
    """The value of an entry. `nonce` tells two attempts of one owner apart."""

    model_config = ConfigDict(frozen=True)

    owner: str
    nonce: str
    attempt: int
    state: Literal["held", "released", "done"]
    at: float
    outcome: Base64Bytes | None = None


@dataclass(frozen=True)
class Claimed:
    """Ours: call the provider, then `finish` or `release` with this."""

    key: str
    revision: int
    claim: Claim


@dataclass(frozen=True)
class Finished:
    """Done before: publish `outcome` again and acknowledge."""

    outcome: bytes


@dataclass(frozen=True)
class Busy:
    """Somebody else is at it: give the message back for `delay_s`."""

    delay_s: float


@dataclass(frozen=True)
class Lost:
    """Held, and its holder is gone: the call may have happened. `settle` it as unknown."""

    key: str
    revision: int
    claim: Claim


Verdict = Claimed | Finished | Busy | Lost


class Claims:
    """One adapter process's hand on the bucket. `owner` names the process in what it writes.

    `call_timeout_s` bounds one provider call; a holder silent for that and `ack_wait_s` is gone.
    """

    def __init__(
        self,
        bucket: Bucket,
        owner: str,
        *,
        call_timeout_s: float,
        ack_wait_s: float,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._bucket = bucket
        self._owner = owner
        self._patience_s = call_timeout_s + ack_wait_s
        self._now = now
        # Nonces that may have been stored without our learning of it, by key.
        self._doubts: OrderedDict[str, str] = OrderedDict()

    async def take(self, key: str) -> Verdict:
        """Whose turn it is. Raises Unavailable or Ambiguous: nobody has called, try again."""
        nonce = self._doubts.pop(key, None) or uuid4().hex
        try:
            return await self._take(key, nonce)
        except (Ambiguous, Unavailable):
            self._doubts[key] = nonce
            if len(self._doubts) > DOUBTS_REMEMBERED:
                self._doubts.popitem(last=False)
            raise

    async def _take(self, key: str, nonce: str) -> Verdict:
        doubt: Ambiguous | None = None
        for _ in range(ATTEMPTS):
            entry = await self._bucket.get(key)
            claim = _read(entry)
            if entry is not None and claim is not None and claim.state != "released":
                return self._verdict(key, entry, claim, nonce)
            attempt = claim.attempt + 1 if claim else 1
            held = Claim(
                owner=self._owner, nonce=nonce, attempt=attempt, state="held", at=self._now()
            )
            try:
                return Claimed(key, await self._write(key, entry, held), held)
            except Conflict:
                continue
            except Ambiguous as error:
                # Stored or not: the next look tells, and our own nonce there is a held claim.
                doubt = error
        raise doubt or Unavailable(f"claim {key} is contended", MIN_BUSY_S)

    async def finish(self, claimed: Claimed, outcome: bytes) -> None:
        """Record what the call came to: the holder's word stands, also over an `unknown`.

        Raises Unavailable or Ambiguous: try again, the holder alone knows the outcome.
        """
        done = claimed.claim.model_copy(
            update={"state": "done", "at": self._now(), "outcome": outcome}
        )
        revision = claimed.revision
        for _ in range(ATTEMPTS):
            try:
                await self._bucket.update(claimed.key, _json(done), revision)
            except Conflict:
                entry = await self._bucket.get(claimed.key)
                if entry is None:
                    await self._bucket.put(claimed.key, _json(done))
                    return
                if _read(entry) == done:
                    return
                revision = entry.revision
            else:
                return
        raise Unavailable(f"claim {claimed.key} is contended", MIN_BUSY_S)

    async def release(self, claimed: Claimed) -> None:
        """Certainly not sent: the next one may take it. Raises Unavailable or Ambiguous.

        A Conflict means somebody gave us up already; then there is nothing to release.
        """
        free = claimed.claim.model_copy(update={"state": "released", "at": self._now()})
        try:
            await self._bucket.update(claimed.key, _json(free), claimed.revision)
        except Conflict:
            return

    async def settle(self, lost: Lost, outcome: bytes) -> bytes:
        """Write `unknown` for a holder that is gone; the answer is the outcome that stands.

        The holder's own outcome wins when it comes after all. Raises Unavailable or Ambiguous.
        """
        done = lost.claim.model_copy(
            update={"state": "done", "at": self._now(), "outcome": outcome}
        )
        try:
            await self._bucket.update(lost.key, _json(done), lost.revision)
        except Conflict:
            claim = _read(await self._bucket.get(lost.key))
            if claim is None or claim.state != "done":
                raise Unavailable(f"claim {lost.key} has changed hands", MIN_BUSY_S) from None
            return claim.outcome or b""
        return outcome

    def _verdict(self, key: str, entry: Entry, claim: Claim, nonce: str) -> Verdict:
        if claim.nonce == nonce:
            return Claimed(key, entry.revision, claim)
        if claim.state == "done":
            return Finished(claim.outcome or b"")
        age = self._now() - claim.at
        if age < -CLOCK_SKEW_S:
            return Busy(self._patience_s)
        if age > self._patience_s:
            return Lost(key, entry.revision, claim)
        return Busy(max(MIN_BUSY_S, self._patience_s - age))

    async def _write(self, key: str, entry: Entry | None, claim: Claim) -> int:
        if entry is None:
            return await self._bucket.create(key, _json(claim))
        return await self._bucket.update(key, _json(claim), entry.revision)


def _json(claim: Claim) -> bytes:
    return claim.model_dump_json().encode()


def _read(entry: Entry | None) -> Claim | None:
    """The claim of an entry. One nobody can read counts as lost: nobody calls on a guess."""
    if entry is None:
        return None
    try:
        return Claim.model_validate_json(entry.value)
    except ValidationError:
        return Claim(owner="?", nonce="?", attempt=0, state="held", at=0.0)
