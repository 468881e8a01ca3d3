"""`GET …/look`: what a page shows before there is a session. Public, and the same for everybody."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from aiohttp import web

from contracts.parts import rfc3339
from widget_gateway.doors.calls import Call, Route
from widget_gateway.limits import Limiter
from widget_gateway.problems import Problem
from widget_gateway.site.config import Site

CACHE_S = 30
"""How long a page may show what is no longer so; a socket tells presence as it changes."""


class LookDoor:
    """`present`: whether somebody of a workspace is there now, None while that is not known.

    `clock`: the time, with its zone.
    """

    def __init__(
        self,
        present: Callable[[UUID], bool | None],
        limiter: Limiter,
        max_file: int,
        clock: Callable[[], datetime],
    ) -> None:
        self._present = present
        self._limiter = limiter
        self._max_file = max_file
        self._clock = clock

    def routes(self) -> list[Route]:
        return [Route("GET", "/look", self.look, anonymous_origin=True)]

    async def look(self, call: Call) -> web.Response:
        wait_s = await self._limiter.take("looks", call.peer.counted_as)
        if wait_s:
            raise Problem("too_many_requests", retry_s=wait_s)
        told = look_of(call.channel.site, self._clock()) | {"max_file": self._max_file}
        present = self._present(call.channel.workspace_id)
        if present is not None:
            told["present"] = present
        cache = "no-store" if present is None else f"public, max-age={CACHE_S}"
        return web.Response(
            body=orjson.dumps(told),
            content_type="application/json",
            headers={"Cache-Control": cache},
        )


def look_of(site: Site, now: datetime) -> dict[str, Any]:
    """What a site shows; what it leaves out is left out."""
    told = {
        "title": site.title,
        "greeting": site.greeting,
        "away": site.away,
        "colour": site.colour,
        "position": site.position,
        "theme": site.theme,
        "language": site.language,
        "form": _form(site),
        "csat": site.csat,
        "hours": _hours(site, now),
    }
    return {name: value for name, value in told.items() if value is not None}


def _form(site: Site) -> list[dict[str, Any]]:
    if site.form == "off":
        return []
    required = site.form == "required"
    return [{"name": name, "required": required} for name in site.form_fields]


def _hours(site: Site, now: datetime) -> dict[str, Any] | None:
    """Whether it is open, and if not, when it opens."""
    if site.hours is None:
        return None
    opens = site.hours.next_opening(now)
    told: dict[str, Any] = {"open": site.hours.open_at(now)}
    return told if opens is None else told | {"next": rfc3339(opens.astimezone(UTC))}
