"""Files the emulator serves as media: put in by the control API, fetched with a bearer."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256

MAX_FILES = 32
MAX_FILE = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class File:
    """A file and what webhooks and Graph say of it. `sha256` is hexadecimal."""

    id: str
    mime_type: str
    content: bytes
    sha256: str


class Files:
    """The newest MAX_FILES files; an older one is gone, as at Meta after a while."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, File] = OrderedDict()

    def put(self, content: bytes, mime_type: str) -> File:
        """Keep a file under a new id. Raises ValueError when it is empty or too large."""
        if not 0 < len(content) <= MAX_FILE:
            raise ValueError(f"a file has 1 to {MAX_FILE} bytes")
        number = str(secrets.randbelow(9 * 10**14) + 10**14)
        file = File(number, mime_type, content, sha256(content).hexdigest())
        self._files[number] = file
        while len(self._files) > MAX_FILES:
            self._files.popitem(last=False)
        return file

    def get(self, number: str) -> File | None:
        """The file, unless it is unknown or gone."""
        return self._files.get(number)

    def clear(self) -> None:
        """Drop all files."""
        self._files.clear()
