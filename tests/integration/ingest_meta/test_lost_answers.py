"""A send whose answer got lost is known again by what the platform tells of it."""

from pathlib import Path

import pytest

from bus.commanding import Done
from contracts import batch, subjects
from contracts.commands import SendCommand
from ingest_meta.channels import META
from ingest_whatsapp.normalize import WHATSAPP as AT_WHATSAPP
from metagraph.emulator.settings import EchoPlan, StatusPlan
from support.delivery import MESSENGER, OBJECTS, WHATSAPP, Side, command, delivering
from support.rigs import make_rig
from support.waiting import until_true
from support.whatsapp_gate import SECRET, Gate, open_gate

PLATFORMS = {"whatsapp": AT_WHATSAPP, "messenger": META}


async def told_of(gate: Gate, asked: SendCommand) -> list[str]:
    """The types of events that carry the command's id, when there is one."""
    found: list[str] = []

    async def there() -> bool:
        stored = await gate.rig.bus.read("INBOUND", subjects.inbound(asked.channel), 0, 100)
        events = [event for one in stored for event in batch.unpack(one.body)]
        found[:] = [e["type"] for e in events if e["data"].get("client_ref") == asked.id]
        return bool(found)

    await until_true(there)
    return found


@pytest.mark.parametrize(
    ("side", "tells"),
    [(WHATSAPP, "sluice.delivery.v1"), (MESSENGER, "sluice.message.v1")],
    ids=["a status of whatsapp", "an echo of messenger"],
)
async def test_it_names_the_command(tmp_path: Path, side: Side, tells: str) -> None:
    rig = await make_rig("memory", tmp_path)
    async with (
        open_gate(rig, PLATFORMS[side.channel]) as gate,
        delivering(
            rig,
            side,
            meta_app_secrets=(SECRET.decode(),),
            emulator_webhooks={OBJECTS[side.channel]: gate.url},
            emulator_statuses=StatusPlan(names=("sent",)),
            emulator_echoes=EchoPlan(when="after"),
        ) as delivery,
    ):
        process = await delivery.process(reading=False)
        asked = command(side=side)
        delivery.befall(do="accept_then_reset")
        assert await process.handle(asked) == Done()
        assert [one.data.outcome for one in await delivery.results()] == ["unknown"]
        assert set(await told_of(gate, asked)) == {tells}
    await rig.close()
