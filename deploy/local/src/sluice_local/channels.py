"""The platform accounts of a local stack: one a channel type, all of them the emulator's.

Pure tables, read by plan.py (seeds, emulator) and stack_file.py (addresses).
"""

from dataclasses import dataclass

from sluice_local.facts import Facts


@dataclass(frozen=True)
class LocalChannel:
    """An account of the emulator. `object` is Meta's word in webhooks, `token` a secret's field.

    `port` is the settings field of the service that takes its webhooks, at `path`.
    """

    type: str
    account: str
    name: str
    object: str
    token: str
    port: str
    path: str
    parent: str | None = None
    config: tuple[tuple[str, str], ...] = ()

    def webhook_url(self, facts: Facts) -> str:
        return facts.url(getattr(facts.settings, self.port), self.path)

    def secret(self, facts: Facts) -> str:
        found: str = getattr(facts.secrets, self.token)
        return found


CHANNELS: tuple[LocalChannel, ...] = (
    LocalChannel(
        "whatsapp", "106540352242922", "Demo number", "whatsapp_business_account",
        "whatsapp_token", "ingest_whatsapp_port", "/webhooks/whatsapp",
        parent="waba:102290129340398",
    ),
    LocalChannel(
        "messenger", "108000000000001", "Demo page", "page",
        "messenger_token", "ingest_meta_port", "/webhooks/meta",
    ),
    LocalChannel(
        "instagram", "17841400000000001", "Demo profile", "instagram",
        "instagram_token", "ingest_meta_port", "/webhooks/meta",
        config=(("login", "instagram"),),
    ),
)  # fmt: skip
