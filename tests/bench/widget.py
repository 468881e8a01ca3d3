"""Visitors' sockets: what one costs in memory, and how long words take in both directions.

One real gateway on a real NATS; visitors.py are the browsers and the team, without an inbox-core.
"""

import asyncio
import json
from pathlib import Path
from uuid import UUID, uuid4

from bench import programs
from bench.addresses import HOST
from bench.driver import generate
from bench.figures import Section
from bench.sizes import Size
from bench.visitors import PATIENCE_S, VisitorsJob, VisitorsResult
from bus import jetstream
from contracts.records import ChannelRecord, channel_key
from sluice_local.facts import Facts
from vault.keyring import KeyRing
from vault.seal import Place, seal
from widget_gateway.limits import LIMITS
from widget_gateway.site.channels import CHANNEL

ACCOUNT = "bench-site"
ORIGIN = "https://shop.example"
MOST_KIB = 40.0
"""The aim: of the gateway's memory, for one idle socket."""
STANDS_IN = (
    "The gateway and NATS are real. inbox-core is not there: the process of the visitors answers"
    " for its history, from memory, and puts the team's answers on the bus."
)
NO_LIMITS = json.dumps(dict.fromkeys(LIMITS, (1_000_000, 1e6)))


def measure(size: Size, facts: Facts, logs: Path) -> Section:
    """Every round is a gateway of its own: memory that was taken is not given back."""
    section = Section("widget", note=STANDS_IN)
    workspace_id, channel_id = uuid4(), uuid4()
    asyncio.run(_connect_channel(facts, workspace_id, channel_id))
    results = [_round(size, facts, logs, workspace_id, channel_id) for _ in range(size.rounds)]
    for result in results:
        section.expect_none(result.unopened, "sockets not opened")
        section.expect_none(result.lost, "sockets lost")
        section.expect_none(result.refused + result.unaccepted, "messages not accepted")
        section.expect_none(result.unshown, "answers not shown")
    idle = [result.idle_kib for result in results]
    what = f"memory of the gateway for one of {size.sockets:,} idle sockets"
    section.add("socket.idle", what, "KiB", idle, most=MOST_KIB, digits=1)
    busy = [result.busy_kib for result in results]
    section.add("socket.busy", "… after the traffic below", "KiB", busy, digits=1)
    rate = f"at {size.widget_rate:g} messages/s beside them"
    for key, what in (("accepted", "message said → accepted"), ("shown", "answer → on the socket")):
        for quantile in ("p50", "p99"):
            took = [getattr(getattr(result, f"{key}_ms"), quantile) for result in results]
            section.add(f"{key}.{quantile}", f"{what}, {rate}, {quantile}", "ms", took, digits=1)
    share = [result.cpu_share for result in results]
    section.add("widget.cpu", f"processor of the gateway {rate}", "% of a core", share)
    return section


def _round(
    size: Size, facts: Facts, logs: Path, workspace_id: UUID, channel_id: UUID
) -> VisitorsResult:
    sockets = str(size.sockets + size.sockets_warm)
    more = {
        "SLUICE_LIMITS": NO_LIMITS,
        "SLUICE_SOCKETS_MAX": sockets,
        "SLUICE_SOCKETS_EACH": sockets,
    }
    with programs.service("widget-gateway", ("deliver", "receive"), facts, logs, more) as gateway:
        job = VisitorsJob(
            host=HOST,
            port=gateway.port,
            pid=gateway.pid,
            nats_url=facts.nats_url,
            account=ACCOUNT,
            origin=ORIGIN,
            ring=facts.secrets.vault_keys_visitors,
            workspace_id=workspace_id,
            channel_id=channel_id,
            warm=size.sockets_warm,
            sockets=size.sockets,
            rate=size.widget_rate,
            seconds=size.widget_s,
        )
        seconds = 3 * PATIENCE_S + size.widget_s
        said = generate("visitors", job.model_dump_json(), seconds)
        return VisitorsResult.model_validate_json(said)


async def _connect_channel(facts: Facts, workspace_id: UUID, channel_id: UUID) -> None:
    """Its record, as inbox-core mirrors it."""
    ring = KeyRing.parse("channels", facts.secrets.vault_keys_channels)
    place = Place(workspace_id, "channels", channel_id, "secret")
    record = ChannelRecord(
        id=channel_id,
        workspace_id=workspace_id,
        type=CHANNEL,
        account=ACCOUNT,
        enabled=True,
        secret=seal(ring, facts.secrets.widget_secret, place),
        version=1,
        config={"origins": ORIGIN},
    )
    bus = await jetstream.connect(facts.nats_url, name="bench")
    try:
        key = channel_key(CHANNEL, ACCOUNT)
        await bus.bucket("channels").put(key, record.model_dump_json().encode())
    finally:
        await bus.close()
