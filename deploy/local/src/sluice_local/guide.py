"""What is printed when the stack is up: every address, and lines to paste. Called by main.py."""

from collections.abc import Iterator
from pathlib import Path

from sluice_local.plan import SERVICES
from sluice_local.stack_file import StackFile

WRITERS = {
    "whatsapp": "4915112345678",
    "messenger": "24000000000000001",
    "instagram": "17841400000000099",
}
"""Somebody's address on each channel."""


def guide(stack: StackFile, python: str, file: Path) -> Iterator[str]:
    """Line by line. `python` is the interpreter of this environment, `file` stack.json."""
    core = stack.services["inbox-core"].url
    yield ""
    for name, address in _addresses(stack):
        yield f"  {name:<25}{address}"
    workspace = f"{core}/v1/workspaces/{stack.workspace_id}"
    token = f'-H "Authorization: Bearer {stack.api_token}"'
    yield ""
    yield "  Let somebody write, on each channel; --file sends a picture:"
    for channel in stack.channels.values():
        yield (
            f"    {python} -m metagraph.emulator.main send --url {stack.emulator.url}"
            f" --object {channel.object} --account {channel.account}"
            f" --from {WRITERS[channel.type]} --text Hello"
        )
    yield "  Be a visitor of a site with the widget; the second page has a strict CSP:"
    yield f"    {' and '.join(stack.widget.pages.values())}"
    yield "  List conversations:"
    yield f'    curl -s {token} "{workspace}/conversations?limit=20"'
    yield "  Reply in one (put its id in place of CONVERSATION):"
    yield (
        f'    curl -s {token} -H "Content-Type: application/json"'
        f' -H "Idempotency-Key: $(date +%s%N)" -d \'{{"text": "Hello"}}\''
        f' "{workspace}/conversations/CONVERSATION/messages"'
    )
    yield '  Upload a file, to send it as part {"type": "file", "file_id": …}:'
    yield (
        f'    curl -s {token} -H "Content-Type: image/png" --data-binary @PICTURE'
        f' "{workspace}/files?filename=picture.png"'
    )
    yield "  A ticket for the socket (docs/realtime.md), and a client that has its own:"
    yield f"    curl -s {token} -X POST {core}/v1/realtime/tickets"
    yield f"    {python} -m sluice_local.watch {file}"
    yield ""
    yield "  Ctrl-C stops everything; what it stored stays."


def _addresses(stack: StackFile) -> Iterator[tuple[str, str]]:
    core = stack.services["inbox-core"].url
    yield "inbox-core REST", f"{core}/v1"
    yield "API pages", f"{core}/v1/docs"
    yield "login", f"{stack.login.email} / {stack.login.password}"
    for channel in stack.channels.values():
        yield f"{channel.type} webhook", channel.webhook_url
    for name, page in stack.widget.pages.items():
        yield f"widget, {name}", page
    for row in SERVICES:
        yield f"{row.name} metrics", f"{stack.services[row.name].admin_url}/metrics"
    yield "Meta emulator", stack.emulator.url
    yield "NATS", stack.nats_url
    yield "Postgres", stack.postgres_url
    yield "Redis", stack.redis_url or "off: there is no redis-server for this machine"
