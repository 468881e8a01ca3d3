"""What the domain refuses, each with the words a person reads. REST maps them in one table.

DomainError
├── NotFound            no such thing in this workspace
├── InvalidTransition   the status machine has no such step; lists the allowed ones
├── LiveConversation    the contact already has an open or pending conversation on this channel
├── NotSendable         the message cannot be sent: too long, empty, channel off
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
    code = "not_sendable"


class NotRetryable(DomainError):
    code = "not_retryable"


class VersionMismatch(DomainError):
    code = "version_mismatch"


class AccountTaken(DomainError):
    code = "account_taken"
