"""The reply window: how long after a person's last message they may be answered. Pure.

Asked when a reply is posted (app.reply), again when its command is made (app.dispatch), and for
every row that screens are shown (app.views).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from contracts.capabilities import Capabilities
from inbox_core.domain.identity import Identity

State = Literal["open", "human_agent", "template_only", "closed"]


@dataclass(frozen=True, slots=True)
class Window:
    """`closes_at`: when this state ends; of template_only and closed, when answering ended.

    None: nobody knows when the person wrote last, so the platform decides.
    """

    state: State
    closes_at: datetime | None = None


OPEN = Window("open")


def window_of(can: Capabilities, identity: Identity, now: datetime) -> Window | None:
    """None where a channel may be answered at any time."""
    rule = can.window
    if rule is None:
        return None
    last, ad = identity.last_inbound_at, identity.ad_inbound_at
    if last is None:
        return OPEN
    closes = last + timedelta(hours=rule.hours)
    if ad is not None and rule.ad_hours is not None:
        closes = max(closes, ad + timedelta(hours=rule.ad_hours))
    if now < closes:
        return Window("open", closes)
    if rule.human_agent_hours is not None:
        by_hand = last + timedelta(hours=rule.human_agent_hours)
        if now < by_hand:
            return Window("human_agent", by_hand)
        closes = max(closes, by_hand)
    return Window("template_only" if can.templates else "closed", closes)


def admits(window: Window | None, kind: str, *, human: bool) -> bool:
    """Whether a part of this kind may go, written by a person or not."""
    if window is None or window.state == "open":
        return True
    if kind == "template":
        return window.state != "closed"
    return window.state == "human_agent" and human


def explain(window: Window) -> str:
    """Why nothing goes, and what still does."""
    since = f" since {window.closes_at:%Y-%m-%d %H:%M} UTC" if window.closes_at else ""
    possible = {
        "open": "",
        "human_agent": " Only a person may still answer.",
        "template_only": " Only a template may be sent.",
        "closed": " Wait until the customer writes again.",
    }[window.state]
    return f"The reply window is closed{since}.{possible}"
