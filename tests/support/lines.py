"""What tests of lines do again and again. Used by tests/integration/widget_gateway/lines."""

import io
import json
from typing import Any

from support.gate_socket import GateSocket
from support.team import Team
from support.widget import Answered, Gate


async def said(talk: GateSocket, team: Team, text: str = "Hello") -> str:
    """One message that the team has; the answer is its conversation."""
    assert (await talk.say(text))["t"] == "accepted"
    await team.heard(text)
    told = await talk.next("history", where=lambda f: bool(f["messages"]))
    conversation: str = told["messages"][-1]["conversation"]
    return conversation


async def post(gate: Gate, session: dict[str, Any], frame: dict[str, Any]) -> Answered:
    """A frame beside the socket."""
    body = io.BytesIO(json.dumps(frame, ensure_ascii=False).encode())
    return await gate.ask("POST", "/frames", token=session["token"], data=body)
