"""Passwords: argon2id, in threads, a bounded number at a time. Built in main(); app.login calls.

A check costs some 20 ms of a core and 19 MiB on purpose. Unknown accounts are checked against a
hash of nothing, so that an answer's time does not tell whether an address is known.
"""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from inbox_core.app.access import Busy

MEMORY_KIB = 19 * 1024
TIME_COST = 2
PARALLELISM = 1
"""OWASP's first choice for argon2id."""

THREADS = 2
MAX_WAITING = 32
MAX_PASSWORD = 256
"""Characters. Longer ones are refused before anything is computed."""


class Argon2Passwords:
    def __init__(self, threads: int = THREADS, max_waiting: int = MAX_WAITING) -> None:
        self._hasher = PasswordHasher(
            time_cost=TIME_COST, memory_cost=MEMORY_KIB, parallelism=PARALLELISM
        )
        self._nobody = self._hasher.hash(secrets.token_urlsafe(32))
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._room = threads + max_waiting

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """Whether it is the password; None for a hash takes as long and is False. Raises Busy."""
        if len(password) > MAX_PASSWORD:
            return False
        if self._room == 0:
            raise Busy("Too many people log in just now; try again.")
        self._room -= 1
        try:
            loop = asyncio.get_running_loop()
            known = password_hash or self._nobody
            fits = await loop.run_in_executor(self._pool, self._verify, password, known)
        finally:
            self._room += 1
        return fits and password_hash is not None

    def hash(self, password: str) -> str:
        """The hash to store. Blocking: for the admin command and tests."""
        return self._hasher.hash(password)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _verify(self, password: str, password_hash: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False
