"""Logs: one JSON object a line on stderr, structlog's and the standard library's alike.

`configure` is called once, first thing in main(). An event name is a constant in the past tense
(`webhook_rejected`), its facts are keys; redaction.py strikes out what may not be written.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog
from typing_extensions import override

from chassis import redaction
from chassis.settings import LogLevel

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
QUIET = {"asyncio": logging.WARNING, "aiohttp.access": logging.CRITICAL}
"""Libraries whose ordinary lines say nothing, or would repeat addresses of people."""

Line = MutableMapping[str, Any]


def configure(service: str, level: LogLevel = "info") -> None:
    """From here on every line of this process is JSON on stderr, with the service's name."""

    def named(_logger: Any, _method: str, line: Line) -> Line:
        return {"service": service, **line}

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            named,
            _with_frames,
            _redacted,
            _json,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.root.handlers[:] = [_Forward()]
    logging.root.setLevel(LEVELS[level])
    for library, least in QUIET.items():
        logging.getLogger(library).setLevel(least)


def _with_frames(_logger: Any, _method: str, line: Line) -> Line:
    """`exc_info` as a list of frames, without local values."""
    error = line.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        line["exception"] = "\n".join(redaction.frames(error))
    return line


def _redacted(_logger: Any, _method: str, line: Line) -> Line:
    exception = line.pop("exception", None)
    clean = redaction.redact(line)
    if exception is not None:  # made by redaction.frames already, and longer than a value may be
        clean["exception"] = exception
    return clean


def _json(_logger: Any, _method: str, line: Line) -> str:
    return orjson.dumps(line, option=orjson.OPT_NON_STR_KEYS).decode()


class _Forward(logging.Handler):
    """Takes what libraries log with the standard library to the same place."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        try:
            structlog.get_logger().log(
                record.levelno,
                "library_logged",
                logger=record.name,
                said=record.getMessage(),
                exc_info=record.exc_info,
            )
        except (ValueError, TypeError, OSError) as error:
            # A broken line must not break its writer; logging's own handler would print its values.
            sys.stderr.write(f"a line of {record.name} was lost: {type(error).__name__}\n")
