"""What can go wrong with a stored file, each with its verdict.

FileStoreError
├── Retryable          try again later; nobody's data is at fault
│   └── Unavailable    the store is away, full, refuses us or is set up wrong
└── Permanent          trying again cannot help
    ├── Missing        nothing is stored under the key (any more)
    ├── TooLarge       more bytes than the caller allows
    ├── OutOfRange     a byte range that begins behind the file's end
    ├── BadKey         not a key of ours
    └── BadImage       the image cannot be read, so its place cannot be taken out of it
"""

from typing import ClassVar


class FileStoreError(Exception):
    """The root of the tree. `outcome` is the word the counter has for it."""

    outcome: ClassVar[str] = "failed"


class Retryable(FileStoreError):
    """Try again later."""


class Unavailable(Retryable):
    """The store did not do it. A file that was to be written is not there, or is there whole."""

    outcome = "unavailable"


class Permanent(FileStoreError):
    """Trying again cannot help."""


class Missing(Permanent):
    """Nothing is stored under the key."""

    outcome = "missing"


class TooLarge(Permanent):
    """More bytes than the caller allows."""

    outcome = "too_large"


class OutOfRange(Permanent):
    """The range begins behind the end. `size` is the file's, for an answer of 416."""

    outcome = "out_of_range"

    def __init__(self, message: str, size: int) -> None:
        super().__init__(message)
        self.size = size


class BadKey(Permanent):
    """Not a key of ours. The key is not quoted: it may be anything."""

    outcome = "bad_key"


class BadImage(Permanent):
    """Not an image of the type it is said to be, or a broken one."""

    outcome = "bad_image"
