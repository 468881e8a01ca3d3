"""The role `receive`: answers webhooks, and normalizes anew what was kept raw.

Both need the platform's tables of kinds and neither a credential of an account.
"""

from adapter.intake import Intake
from adapter.items import Platform
from adapter.renormalize import AT_ONCE, NormalizeHandler
from adapter.roles.ground import Ground
from adapter.settings import AdapterSettings
from adapter.webhooks import Limits, Receiver, webhook_app
from chassis.http import listener
from chassis.lifecycle import Lifecycle
from contracts.commands import NormalizeCommand
from metagraph.challenge import Handshake
from metagraph.signature import Signatures

ALMOST_FULL = 0.9
"""Of the queue's bound: from here on other replicas should get the webhooks."""


async def receive(
    life: Lifecycle, settings: AdapterSettings, base: Ground, platform: Platform, path: str
) -> None:
    """Listen for the platform's webhooks at `path`. Raises StartFailed."""
    again = NormalizeHandler(platform, base.publish)
    for channel in platform.kinds:
        await base.consume(life, channel, "normalize", NormalizeCommand, again.handle, AT_ONCE)
    limits = Limits(body=settings.max_body_bytes)
    secrets = [secret.get_secret_value().encode() for secret in settings.meta_app_secrets or ()]
    tokens = [token.get_secret_value().encode() for token in settings.meta_verify_tokens or ()]
    intake = Intake(platform, Signatures(secrets), base.batcher, base.dead)
    app = webhook_app(path, Receiver(intake, limits), Handshake(tokens), limits.body)
    almost_full = ALMOST_FULL * settings.queue_events
    life.add_check("queue", lambda: "almost full" if base.batcher.queued >= almost_full else None)
    await life.enter("http", listener(app, settings.http_host, settings.http_port))
