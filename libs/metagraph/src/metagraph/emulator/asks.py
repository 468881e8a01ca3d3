"""What the control API is asked, beside the models that stand with their parts: control.py."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from metagraph.emulator.names import WHATSAPP, Platform
from metagraph.emulator.people import Person
from metagraph.emulator.script import Fault


class Ask(BaseModel):
    """A body or query of the control API: nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Faults(Ask):
    """`POST script`."""

    faults: tuple[Fault, ...] = Field(min_length=1)


class Route(Ask):
    """`POST webhooks`: send this object's webhooks to `url` from now on."""

    object: str = WHATSAPP
    url: str


class HandshakeAsk(Ask):
    """`POST handshake`: verify the callback URL of an object, as the App Dashboard does."""

    object: str = WHATSAPP
    verify_token: str
    challenge: str = "1158201444"


class Upload(Ask):
    """`POST media`: a file people may send; `content` is base64."""

    mime_type: str = Field(min_length=3, max_length=255)
    content: str
    name: str | None = Field(default=None, max_length=255)


class RawQuery(Ask):
    """`POST raw?…`: how the bytes of the body are sent."""

    object: str = WHATSAPP
    signature: Literal["valid", "none", "wrong"] = "valid"


class PersonAsk(Ask):
    """`POST people`: who somebody is, and whether Meta shows it.

    `object` and `account` say where they are at home: whom they would write to.
    """

    id: str = Field(min_length=1, max_length=128)
    name: str = "Emulated Person"
    username: str | None = None
    consent: bool = True
    picture: bool = True
    object: Platform | None = None
    account: str | None = None

    def person(self) -> Person:
        """As People knows them."""
        home = (self.object, self.account) if self.object and self.account else None
        return Person(self.id, self.name, home, self.username, self.consent, self.picture)
