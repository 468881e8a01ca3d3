"""What stands in the way of a file, as a verdict: whether waiting helps, and what a person reads.

Used by handler.py. Permanent troubles end a command at once; a person who may try again gets a
`retryable` problem, which inbox-core answers with a new attempt.
"""

from adapter.media.copying import BlockedType, Mismatch
from adapter.media.links import MustWait
from adapter.patience import Trouble, of_graph
from contracts.parts import Problem
from filestore.errors import FileStoreError, Retryable
from metagraph.errors import NotSent
from metagraph.fates import DownloadError

NOT_OURS = Trouble(
    Problem(kind="not_copied", message="The file is its owner's: it is shown and never copied.")
)
CHECKSUM = Trouble(
    Problem(kind="checksum", message="The file arrived damaged, more than once.", retryable=True),
    again_s=0.0,
    tries=2,
)
BLOCKED_TYPE = Trouble(
    Problem(kind="blocked_type", message="The file is a program, which is not stored.")
)
STORE_AWAY = Trouble(
    Problem(kind="filestore", message="The file could not be stored.", retryable=True), again_s=0.0
)
STORE_REFUSED = Trouble(Problem(kind="filestore", message="The file could not be stored."))

Foreseen = (NotSent, MustWait, DownloadError, Mismatch, BlockedType, FileStoreError)
"""What copying a file may raise."""


def of(error: Exception) -> Trouble:
    """The verdict on one of Foreseen; another error is raised again."""
    match error:
        case NotSent():
            return of_graph(error)
        case DownloadError():
            problem = Problem(kind=error.reason, message=error.sentence, retryable=error.retry)
            return Trouble(problem, error.delay_s if error.retry else None)
        case MustWait():
            message = "Meta slows this number down."
            problem = Problem(kind="throttle_phone", message=message, retryable=True)
            return Trouble(problem, error.delay_s)
        case Mismatch():
            return CHECKSUM
        case BlockedType():
            return BLOCKED_TYPE
        case Retryable():
            return STORE_AWAY
        case FileStoreError():
            return STORE_REFUSED
        case _:
            raise error
