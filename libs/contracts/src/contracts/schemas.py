"""Generates docs/wire: a JSON Schema per event, command, change and record, and the AsyncAPI page.

    python -m contracts.schemas FOLDER

`make schemas` runs it; `make check` fails when what is committed differs.
"""

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from contracts import subjects
from contracts.batch import CONTENT_TYPE, MAX_EVENTS
from contracts.capabilities import Capabilities
from contracts.changes import ChangeEvent
from contracts.commands import (
    ActionCommand,
    MediaCommand,
    NormalizeCommand,
    ProfileCommand,
    SendCommand,
)
from contracts.events import Event
from contracts.parts import Wire
from contracts.records import ChannelRecord
from contracts.rpc import HistoryAnswer, HistoryRequest, ValidateAnswer, ValidateRequest
from contracts.signals import Attendance, VisitorTyping

DIALECT = "https://json-schema.org/draft/2020-12/schema"
EVENT = "Event"
COMMANDS: tuple[type[Wire], ...] = (
    SendCommand,
    ActionCommand,
    MediaCommand,
    ProfileCommand,
    NormalizeCommand,
)
MODELS: tuple[type[Wire], ...] = (
    *COMMANDS,
    ChangeEvent,
    ChannelRecord,
    Capabilities,
    ValidateRequest,
    ValidateAnswer,
    HistoryRequest,
    HistoryAnswer,
    Attendance,
    VisitorTyping,
)

CHANNELS: tuple[tuple[str, str, str, str, str], ...] = (
    # name, address, what is in a batch, who writes it, who reads it
    ("inbound", "inbound.{channel_type}", EVENT, "adapters", "inbox-core worker"),
    ("results", subjects.INBOUND_RESULTS, EVENT, "adapters", "inbox-core worker"),
    *(
        (job, f"outbound.{{channel_type}}.{job}", model.__name__, "inbox-core relay", "adapters")
        for job, model in zip(subjects.JOBS, COMMANDS, strict=True)
    ),
    ("changes", "changes.{workspace}", "ChangeEvent", "inbox-core relay", "inbox-core sockets"),
)


def json_schemas() -> dict[str, dict[str, Any]]:
    """File name → schema, each self-contained."""
    found = {EVENT: TypeAdapter(Event).json_schema(mode="serialization")}
    for model in MODELS:
        found[model.__name__] = model.model_json_schema(mode="serialization")
    return {
        f"{name}.schema.json": {"$schema": DIALECT, "title": name, **schema}
        for name, schema in found.items()
    }


def asyncapi() -> dict[str, Any]:
    """The bus as AsyncAPI 3.0: streams, addresses, and batches of what travels on each."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Sluice on the bus",
            "version": "1.0.0",
            "description": "Every JetStream message is a CloudEvents batch of 1 to "
            f"{MAX_EVENTS} items ({CONTENT_TYPE}); commands travel alone.",
        },
        "channels": {
            name: {
                "address": address,
                **_parameters(address),
                "messages": {"batch": {"$ref": f"#/components/messages/{item}Batch"}},
            }
            for name, address, item, _, _ in CHANNELS
        },
        "operations": {
            f"{verb}_{name}": {
                "action": verb,
                "channel": {"$ref": f"#/channels/{name}"},
                "summary": f"{who} {'write' if verb == 'send' else 'read'} {address}",
            }
            for name, address, _, writer, reader in CHANNELS
            for verb, who in (("send", writer), ("receive", reader))
        },
        "components": {"messages": _batches(), "schemas": _components()},
        "x-streams": _streams(),
    }


def _batches() -> dict[str, Any]:
    return {
        f"{item}Batch": {
            "contentType": CONTENT_TYPE,
            "payload": {
                "type": "array",
                "minItems": 1,
                "maxItems": 1 if item in {model.__name__ for model in COMMANDS} else MAX_EVENTS,
                "items": {"$ref": f"#/components/schemas/{item}"},
            },
        }
        for item in dict.fromkeys(row[2] for row in CHANNELS)
    }


def _components() -> dict[str, Any]:
    template = "#/components/schemas/{model}"
    event = TypeAdapter(Event).json_schema(mode="serialization", ref_template=template)
    _, shared = models_json_schema(
        [(model, "serialization") for model in MODELS], ref_template=template
    )
    return {**event.pop("$defs"), **shared["$defs"], EVENT: event}


def _streams() -> list[dict[str, Any]]:
    return [
        {
            "name": stream.name,
            "subjects": list(stream.subjects),
            "retention": stream.retention,
            "discard": stream.discard,
            "maxBytes": stream.max_bytes,
            "maxAgeSeconds": stream.max_age_s,
        }
        for stream in subjects.STREAMS
    ]


def _parameters(address: str) -> dict[str, Any]:
    names = [part.split("}")[0] for part in address.split("{")[1:]]
    return {"parameters": {name: {} for name in names}} if names else {}


def main() -> None:
    """Write every file into the folder named on the command line."""
    if len(sys.argv) != 2:  # noqa: PLR2004 - the program and its one argument
        sys.exit("usage: python -m contracts.schemas FOLDER")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {**json_schemas(), "asyncapi.json": asyncapi()}.items():
        text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
        (folder / name).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
