"""Capacity: the files a process may have open, held against the sockets it is to hold.

Each socket is a file. Without enough of them it is not the next visitor who is turned away but
whatever comes next: NATS, an upload, the port itself. Called by main().
"""

import resource
import sys

import structlog

from chassis.settings import EXIT_WRONG_SETTINGS
from widget_gateway.settings import RECEIVE, Settings

SPARE = 1000
"""Files besides sockets and polls: posts, uploads, downloads, idle connections, the bus, logs."""

log = structlog.get_logger()


def fitting(settings: Settings) -> Settings:
    """All files the system gives are allowed; the settings, with the sockets those are enough for.

    Exits with status 2, and a sentence, where it gives too few.
    """
    return lowered(settings, _allow_all()) if settings.has_role(RECEIVE) else settings


def lowered(settings: Settings, files: int) -> Settings:
    """With `sockets_max` as so many files allow; one that was chosen is never changed."""
    most = files - SPARE
    if settings.sockets_max <= most:
        return settings
    if "sockets_max" in settings.model_fields_set or most < 1:
        sys.stderr.write(
            f"cannot start: {settings.sockets_max} sockets (SLUICE_SOCKETS_MAX) need"
            f" {settings.sockets_max + SPARE} files, and this system allows a process {files}:"
            " raise its hard limit (ulimit -Hn), or lower the setting\n"
        )
        raise SystemExit(EXIT_WRONG_SETTINGS)
    log.warning("sockets_max_lowered", files=files, sockets_max=most)
    return settings.model_copy(update={"sockets_max": most})


def _allow_all() -> int:
    """Raise the soft limit to the hard one; how many files that is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return sys.maxsize if hard == resource.RLIM_INFINITY else hard
