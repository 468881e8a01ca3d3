"""What carries a line's frames: a socket (wire.py), or the answer to a request (poll.py)."""

from typing import Protocol

from widget_gateway.frames.told import ServerFrame
from widget_gateway.lines.closing import Close


class Carrier(Protocol):
    """Given to a line when it is made."""

    def put(self, frame: ServerFrame) -> None:
        """Never waits: what the client does not take in time ends the line."""
        ...

    async def room(self) -> None:
        """Returns when the client has taken what was put."""
        ...

    def beat(self, now: float) -> None:
        """Some seconds have passed. `now` by the loop's clock."""
        ...

    def end(self, close: Close) -> None:
        """Tell what is left, then close. A second time nothing happens."""
        ...
