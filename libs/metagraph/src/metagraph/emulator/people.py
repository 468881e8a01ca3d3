"""People and what Meta shows of them: a name, a picture, or nothing.

Somebody is known once they wrote, or once the control API introduced them. Filled by inbound.py
and control.py, asked by graph_nodes.py.
"""

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Any

from yarl import URL

from metagraph.emulator.names import INSTAGRAM, PAGE, Platform

MAX_PEOPLE = 200_000

NO_PROFILE = (100, 2018218)
NO_CONSENT = (230, None)

FACE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763606060000000040001f61738550000000049454e44ae426082"
)
"""A picture of anybody: one grey pixel, PNG."""


@dataclass(frozen=True, slots=True)
class Person:
    """`home` is the object and account they wrote to. Without `consent` no profile is shown."""

    id: str
    name: str
    home: tuple[Platform, str] | None = None
    username: str | None = None
    consent: bool = True
    picture: bool = True

    def shown(self, fields: list[str], origin: URL) -> dict[str, Any]:
        """The fields asked for that there are, as Graph shows them."""
        first, _, last = self.name.partition(" ")
        known = {
            "id": self.id,
            "name": self.name,
            "first_name": first,
            "last_name": last,
            "username": self.username or self.name.lower().replace(" ", "."),
            "profile_pic": str(origin / "_cdn" / f"face-{self.id}") if self.picture else None,
        }
        if self.home is not None and self.home[0] == PAGE:
            del known["username"]
        wanted = {name: known[name] for name in fields if known.get(name)}
        return wanted | {"id": self.id}

    @property
    def refusal(self) -> tuple[int, int | None]:
        """Code and subcode when no profile is shown."""
        at_instagram = self.home is not None and self.home[0] == INSTAGRAM
        return NO_CONSENT if at_instagram else NO_PROFILE


class People:
    """The last MAX_PEOPLE seen."""

    def __init__(self) -> None:
        self._people: OrderedDict[str, Person] = OrderedDict()

    def introduce(self, person: Person) -> None:
        """Know a person, or know them anew."""
        self._people[person.id] = person
        self._people.move_to_end(person.id)
        while len(self._people) > MAX_PEOPLE:
            self._people.popitem(last=False)

    def wrote(self, number: str, home: tuple[Platform, str], name: str | None) -> None:
        """Somebody wrote to an account: there they are at home now. The rest stays as it was."""
        known = self._people.get(number)
        if known is None:
            self.introduce(Person(number, name or f"Person {number[-4:]}", home))
        elif known.home != home:
            self.introduce(replace(known, home=home))

    def get(self, number: str) -> Person | None:
        """The person, when they are known."""
        return self._people.get(number)

    def clear(self) -> None:
        """Forget everybody."""
        self._people.clear()
