"""What can keep the local stack from running. Each is one sentence a person can act on.

LocalError
├── PortTaken       somebody else listens there; names the port and the setting
├── NotFound        a program is not installed; names it and where it was looked for
├── NotReachable    the unprivileged user cannot get at a folder
├── DidNotStart     a program ended, or was not ready in time; quotes the end of its log
├── AlreadyRunning  another stack holds the folder
└── KeepsDying      a program was started again too often
"""


class LocalError(Exception):
    """The root of the tree."""


class PortTaken(LocalError):
    """Somebody else listens there."""


class NotFound(LocalError):
    """A program is not installed."""


class NotReachable(LocalError):
    """The unprivileged user cannot get at a folder."""


class DidNotStart(LocalError):
    """A program ended at once, or was not ready in time."""


class AlreadyRunning(LocalError):
    """Another stack holds the folder."""


class KeepsDying(LocalError):
    """A program was started again too often."""
