"""What the domain refuses, each with the words a person reads. REST maps them in one table.

DomainError
├── NotFound            no such thing in this workspace
├── InvalidTransition   the status machine has no such step; lists the allowed ones
├── LiveConversation    the contact already has an open or pending conversation on this channel
├── NotSendable         the message cannot be sent: empty, channel off, more than the channel takes
├── ContactBlocked      nobody writes to a contact that is blocked
├── WindowClosed        the channel takes no answer any more: the customer wrote too long ago
├── NotSupported        the channel has no such thing
├── ChannelRefused      the platform does not take the channel's credential
├── Unanswered          the adapter that would know is not there
├── TooLarge            a file above the bound
├── FileRefused         a file we do not take: empty, broken, or one that tells too much
├── Gone                it was here, and was deleted
├── NotRetryable        only a failed or unknown message can be sent again
├── VersionMismatch     somebody changed it since the caller looked
└── AccountTaken        the platform account belongs to a channel already
"""


class DomainError(Exception):
    """The root of the tree. `code` is stable and machine-readable."""

    code = "domain_error"


class NotFound(DomainError):
    code = "not_found"


class InvalidTransition(DomainError):
    code = "invalid_transition"

    def __init__(self, current: str, wanted: str, allowed: tuple[str, ...]) -> None:
        super().__init__(
            f"A conversation that is {current} cannot become {wanted}; "
            f"allowed: {', '.join(allowed) or 'nothing'}."
        )
        self.current = current
        self.allowed = allowed


class LiveConversation(DomainError):
    code = "live_conversation_exists"


class NotSendable(DomainError):
    """`pointer` into the request's body, where one value of it is at fault."""

    code = "not_sendable"

    def __init__(self, message: str, pointer: str | None = None) -> None:
        super().__init__(message)
        self.pointer = pointer


class ContactBlocked(NotSendable):
    code = "contact_blocked"


class WindowClosed(NotSendable):
    code = "window_closed"


class NotSupported(DomainError):
    code = "not_supported"


class ChannelRefused(DomainError):
    """`pointer` to what of the request is at fault: its secret, account or config."""

    code = "channel_refused"

    def __init__(self, message: str, pointer: str | None = None) -> None:
        super().__init__(message)
        self.pointer = pointer


class Unanswered(DomainError):
    code = "unavailable"


class TooLarge(DomainError):
    code = "body_too_large"


class FileRefused(DomainError):
    code = "file_refused"


class Gone(DomainError):
    code = "gone"


class NotRetryable(DomainError):
    code = "not_retryable"


class VersionMismatch(DomainError):
    code = "version_mismatch"


class AccountTaken(DomainError):
    code = "account_taken"
