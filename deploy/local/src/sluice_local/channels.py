"""The channels of a local stack, one a type: the platforms are the emulator's, the widget is ours.

Pure tables, read by plan.py (seeds, emulator) and stack_file.py (addresses).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sluice_local.facts import Facts


def _nothing(_: Facts) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class LocalChannel:
    """A channel that is seeded. `token`: the field of its secret; `config`: as its row has it."""

    type: str
    account: str
    name: str
    token: str
    parent: str | None = None
    config: Callable[[Facts], Mapping[str, str]] = _nothing

    def secret(self, facts: Facts) -> str:
        found: str = getattr(facts.secrets, self.token)
        return found


@dataclass(frozen=True, kw_only=True)
class EmulatedChannel(LocalChannel):
    """An account of the emulator. `object` is Meta's word for its type in webhooks.

    `port` is the settings field of the service that takes its webhooks, at `path`.
    """

    object: str
    port: str
    path: str

    def webhook_url(self, facts: Facts) -> str:
        return facts.url(getattr(facts.settings, self.port), self.path)


def _instagram(_: Facts) -> Mapping[str, str]:
    return {"login": "instagram"}


def _widget(facts: Facts) -> Mapping[str, str]:
    return {
        "origins": " ".join(facts.site_origins),
        "title": "Lumen Lamps",
        "colour": "#b45309",
        "form": "optional",
        "form_fields": "name,email",
        "csat": "on",
        "hours": "Mo-Fr 08:00-20:00; Sa 10:00-16:00",
        "time_zone": "Europe/Lisbon",
    }


CHANNELS: tuple[EmulatedChannel, ...] = (
    EmulatedChannel(
        "whatsapp", "106540352242922", "Demo number", "whatsapp_token",
        parent="waba:102290129340398",
        object="whatsapp_business_account", port="ingest_whatsapp_port", path="/webhooks/whatsapp",
    ),
    EmulatedChannel(
        "messenger", "108000000000001", "Demo page", "messenger_token",
        object="page", port="ingest_meta_port", path="/webhooks/meta",
    ),
    EmulatedChannel(
        "instagram", "17841400000000001", "Demo profile", "instagram_token", config=_instagram,
        object="instagram", port="ingest_meta_port", path="/webhooks/meta",
    ),
)  # fmt: skip

WIDGET = LocalChannel("widget", "demo-site", "Demo site", "widget_secret", config=_widget)
"""The chat on the pages of site/."""

SEEDED: tuple[LocalChannel, ...] = (*CHANNELS, WIDGET)
