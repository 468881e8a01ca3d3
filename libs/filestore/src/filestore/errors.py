"""What can go wrong with a stored file, each with its verdict.

FileStoreError
├── Retryable          try again later; nobody's data is at fault
│   ├── Unavailable    the store is away, full, refuses us or is set up wrong
│   ├── Crowded        as many files as this process takes at once are coming in
│   └── TooManyAtOnce  as many of one person
└── Permanent          trying again cannot help
    ├── Missing        nothing is stored under the key (any more)
    ├── TooLarge       more bytes than the caller allows
    ├── OutOfRange     a byte range that begins behind the file's end
    ├── BadKey         not a key of ours
    ├── Refused        a file that is not taken from a person: empty, broken, or telling too much
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


class Crowded(Retryable):
    """No further file for the moment: the process has as many in hand as it takes."""

    outcome = "crowded"


class TooManyAtOnce(Retryable):
    """The sender is to finish some first."""

    outcome = "too_many"


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


class Refused(Permanent):
    """A file that is not taken. The sentence is for the person who sent it."""

    outcome = "refused"


class BadImage(Permanent):
    """Not an image of the type it is said to be, or a broken one."""

    outcome = "bad_image"
