"""What lines ask of the files: the addresses of those shown, and those a visitor uploaded."""

from typing import Protocol

from contracts.parts import StoredFile
from widget_gateway.site.channels import Channel
from widget_gateway.visitor import Visitor


class Files(Protocol):
    """Built in main()."""

    def address(self, key: str, name: str | None, mime_type: str | None, size: int | None) -> str:
        """Where a browser gets a stored file, for a while, by the address alone."""
        ...

    async def opened(self, channel: Channel, visitor: Visitor, handle: str) -> StoredFile | None:
        """The file an upload of this visitor was answered with; None: none of theirs, or too old.

        Raises Retryable.
        """
        ...
