"""Sources: where the person was whose message began a conversation. Called by app.arrivals.

Kept of that message alone: what a conversation goes on with, or is reopened by, tells no source.
"""

from contracts.parts import Source as WireSource
from inbox_core.app.plan import Plan
from inbox_core.domain.message import Message
from inbox_core.domain.source import SealedIp, Source, is_sealed, network, page

MAX_UTM = 256
"""Characters of a campaign's name; how many there are is bounded by the wire."""


def keep_source(plan: Plan, message: Message, told: WireSource | None) -> None:
    """Of the first message of a conversation; the whole address goes into a table of its own."""
    began = message.seq == 1 and message.conversation_id in plan.new_conversations
    if told is None or not began or message.direction != "inbound":
        return
    plan.sources[message.conversation_id] = Source(
        workspace_id=message.workspace_id,
        conversation_id=message.conversation_id,
        page_url=page(told.page_url),
        page_title=told.page_title,
        referrer=page(told.referrer),
        utm={name[:MAX_UTM]: value[:MAX_UTM] for name, value in told.utm.items()},
        language=told.language,
        time_zone=told.time_zone,
        screen=told.screen,
        user_agent=told.user_agent,
        ip=network(told.ip),
    )
    if told.ip_id is not None and told.ip_sealed is not None and is_sealed(told.ip_sealed):
        plan.visitor_ips[told.ip_id] = SealedIp(
            message.workspace_id, told.ip_id, message.conversation_id, told.ip_sealed, plan.now
        )
