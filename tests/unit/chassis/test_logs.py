"""Logs: JSON lines with ids and counts, never with what people wrote or who they are."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from pydantic import BaseModel, SecretStr

from chassis import logs

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def test_a_line_is_json_with_service_level_and_time(lines: Lines) -> None:
    logs.configure("test-service", "info")
    structlog.get_logger().info("webhook_accepted", items=3, channel_id="c1")
    structlog.get_logger().debug("too_quiet_to_be_written")
    (line,) = lines()
    assert line.pop("at").endswith("Z")
    assert line == {
        "service": "test-service",
        "event": "webhook_accepted",
        "level": "info",
        "items": 3,
        "channel_id": "c1",
    }


class Person(BaseModel):
    name: str


PRIVATE = "Ada Lovelace +44"


@pytest.mark.parametrize(
    "facts",
    [
        {"text": PRIVATE},
        {"Phone": PRIVATE},
        {"access_token": PRIVATE},
        {"X-Hub-Signature-256": PRIVATE},
        {"item": {"deep": [{"wa_id": PRIVATE}]}},
        {"person": Person(name=PRIVATE)},
        {"held": SecretStr(PRIVATE)},
        {"server": f"postgres://{PRIVATE.replace(' ', '')}:x@host/db"},
        {"chunk": PRIVATE.encode()},
        {"contact": {"anything": PRIVATE}},
        {"error": ValueError(f"duplicate key\nDETAIL: ({PRIVATE})")},
    ],
)
def test_private_values_are_struck_out(lines: Lines, facts: dict[str, Any]) -> None:
    logs.configure("test-service", "info")
    structlog.get_logger().warning("something_happened", **facts)
    (line,) = lines()
    assert line["event"] == "something_happened"
    assert "Lovelace" not in json.dumps(line)


def test_long_values_are_cut(lines: Lines) -> None:
    logs.configure("test-service", "info")
    structlog.get_logger().info("long", kind="x" * 5000, items=list(range(1000)))
    (line,) = lines()
    assert len(line["kind"]) < 600
    assert len(line["items"]) == 20


def test_a_traceback_has_frames_but_no_values(lines: Lines) -> None:
    logs.configure("test-service", "info")

    def fail(_message: str) -> None:
        try:
            dict[str, str]()["inner"]
        except KeyError as inner:
            raise RuntimeError("outer\nDETAIL: " + PRIVATE) from inner

    try:
        fail(PRIVATE)
    except RuntimeError:
        structlog.get_logger().exception("task_crashed")
    (line,) = lines()
    assert "RuntimeError: outer" in line["exception"]
    assert "KeyError" in line["exception"]
    assert "test_logs.py" in line["exception"]
    assert "Lovelace" not in line["exception"]


def test_the_standard_library_goes_the_same_way(lines: Lines) -> None:
    logs.configure("test-service", "info")
    logging.getLogger("nats.aio").warning("lost %s", "nats://user:pass@host:4222")
    (line,) = lines()
    assert line["event"] == "library_logged"
    assert line["logger"] == "nats.aio"
    assert "pass" not in line["said"]
