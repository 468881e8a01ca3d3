"""What one visitor's screen knows, from history and live news. Pure; used by visitor_client.py.

Messages are merged by id, so repeats and overlaps end the same; cursors move with history alone.
"""

from sluice_local.demo.visitor_frames import Frame


class VisitorScreen:
    """`messages` and `threads` by id, as the newest frame had them; `typing`: who writes now."""

    def __init__(self) -> None:
        self.messages: dict[str, Frame] = {}
        self.threads: dict[str, Frame] = {}
        self.cursors: dict[str, int] = {}
        self.live: dict[tuple[str, int], Frame] = {}
        """(message, part) → a part that came before its history."""
        self.present: bool | None = None
        self.typing: str | None = None
        self.unavailable = False

    def take(self, frame: Frame) -> None:
        """A frame of the gateway's; those that answer something are not for a screen."""
        match frame["t"]:
            case "history":
                self.threads.update((one["id"], one) for one in frame["threads"])
                self._merge(frame["messages"])
                self.cursors.update(frame["cursors"])
            case "older":
                self._merge(frame["messages"])
            case "part":
                self.live[frame["message"], frame["index"]] = frame
            case "typing":
                self.typing = frame.get("author") if frame["on"] else None
            case "ready" | "present":
                self.present = frame.get("present", self.present)  # `ready` may not know yet
            case "unavailable":
                self.unavailable = True
            case _:
                pass

    def ordered(self) -> list[Frame]:
        """Every message, as a person reads them."""
        return sorted(self.messages.values(), key=lambda one: (one["at"], one["seq"]))

    def theirs(self) -> list[Frame]:
        """What the team wrote, in that order."""
        return [one for one in self.ordered() if one["by"] != "contact"]

    def own(self) -> list[Frame]:
        """What the visitor wrote."""
        return [one for one in self.ordered() if one["by"] == "contact"]

    def seen(self) -> dict[str, Frame]:
        """Conversation → the team's last message in it, which is how far the visitor has read."""
        return {one["conversation"]: one for one in self.theirs()}

    def _merge(self, messages: list[Frame]) -> None:
        for message in messages:
            self.messages[message["id"]] = message
            for part in range(len(message.get("parts", ()))):
                self.live.pop((message["id"], part), None)
