"""Files the emulator holds: put in by the control API or uploaded by a business.

WhatsApp's are fetched by a link that needs the bearer and expires (Links), those of Messenger and
Instagram at `/_cdn/{id}` by anybody who knows the id.
"""

import base64
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from yarl import URL

MAX_FILES = 1000
MAX_FILE = 100 * 1024 * 1024
MAX_BYTES = 512 * 1024 * 1024

FAMILIES = ("image", "video", "audio")


@dataclass(frozen=True, slots=True)
class File:
    """A file and what webhooks and Graph say of it. `sha256` is hexadecimal."""

    id: str
    mime_type: str
    content: bytes
    sha256: str
    name: str | None = None

    @property
    def sha256_base64(self) -> str:
        """The digest as webhooks write it."""
        return base64.b64encode(bytes.fromhex(self.sha256)).decode()

    @property
    def family(self) -> str:
        """image, video, audio, or `file` for all others."""
        family = self.mime_type.partition("/")[0]
        return family if family in FAMILIES else "file"


class Files:
    """The newest MAX_FILES files of MAX_BYTES in all; older ones are gone, as at Meta one day."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, File] = OrderedDict()
        self._bytes = 0

    def put(self, content: bytes, mime_type: str, name: str | None = None) -> File:
        """Keep a file under a new id. Raises ValueError when it is empty or too large."""
        if not 0 < len(content) <= MAX_FILE:
            raise ValueError(f"a file has 1 to {MAX_FILE} bytes")
        number = str(secrets.randbelow(9 * 10**14) + 10**14)
        file = File(number, mime_type, content, sha256(content).hexdigest(), name)
        self._files[number] = file
        self._bytes += len(content)
        while len(self._files) > MAX_FILES or self._bytes > MAX_BYTES:
            self.purge(next(iter(self._files)))
        return file

    def get(self, number: str) -> File | None:
        """The file, unless it is unknown or gone."""
        return self._files.get(number)

    def purge(self, number: str) -> bool:
        """Drop a file; its links are dead. Whether it was there."""
        file = self._files.pop(number, None)
        self._bytes -= len(file.content) if file is not None else 0
        return file is not None

    def clear(self) -> None:
        """Drop all files."""
        self._files.clear()
        self._bytes = 0


class Links:
    """URLs of WhatsApp files: good for `ttl_s` seconds, and nobody can make one up."""

    def __init__(self, ttl_s: float) -> None:
        self.ttl_s = ttl_s
        self._key = secrets.token_bytes(32)

    def url(self, origin: URL, number: str) -> URL:
        """A new link to a file."""
        until = f"{time.time() + self.ttl_s:.3f}"
        query = {"ext": until, "hash": self._mark(number, until)}
        return (origin / "_media" / number).with_query(query)

    def good(self, number: str, query: Mapping[str, str]) -> bool:
        """Whether these are a link's words, and it has not expired."""
        until, mark = query.get("ext", ""), query.get("hash", "")
        known = hmac.compare_digest(mark.encode(), self._mark(number, until).encode())
        return known and float(until) > time.time()

    def _mark(self, number: str, until: str) -> str:
        return hmac.digest(self._key, f"{number} {until}".encode(), "sha256").hex()[:32]
