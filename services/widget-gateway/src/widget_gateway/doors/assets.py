"""The client itself: the loader, its chunks, languages and types, from the package's `static`.

Built by `make widget` and shipped in the wheel. Names with a hash never change what they hold and
may be kept for ever; the others are asked for again. Held in memory, packed once, and read again
when the loader was built anew.

A page that was loaded before a release asks for names of the one before: its chunks when they are
first needed, its app when its loader came from a cache. It is given what bears that name today. So
what the app hands to its chunks may only grow from one release to the next.
"""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from aiohttp import web

from chassis.metrics import count
from widget_gateway.problems import Problem

FOLDER = Path(__file__).parent.parent / "static"
LOADER = "loader.js"
TYPES: Mapping[str, str] = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".ts": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".woff2": "font/woff2",
}
"""Other files are not served."""
MAX_FILES = 500
MAX_BYTES = 8 * 1024 * 1024
LEAST_PACKED = 256
"""Bytes; below, packing makes it longer."""

HASHED = re.compile(r"^([a-z]+)-[A-Za-z0-9_-]{8,}(\.[a-z0-9]+)$")
FOR_EVER = "public, max-age=31536000, immutable"
SHORT = "public, max-age=300"
NEVER = "no-store"
"""Of what stands in for another name: that may be another replica's, which is right tomorrow."""
HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Vary": "Accept-Encoding",
}
NOT_BUILT = "The client is not built: run `make widget`."


@dataclass(frozen=True, slots=True)
class Asset:
    """A file. `packed`: by gzip, None where that does not pay."""

    body: bytes
    packed: bytes | None
    mime_type: str
    tag: str
    cache: str


class AssetDoor:
    """Serves a folder. Add it last: it answers whatever path nobody else does."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._assets: Mapping[str, Asset] = {}
        self._stamp: int | None = None

    def install(self, app: web.Application, prefix: str) -> None:
        app.router.add_get(prefix + "/{path:.+}", self.serve)

    async def serve(self, request: web.Request) -> web.Response:
        asset = self._find(request.match_info["path"])
        headers = {**HEADERS, "Cache-Control": asset.cache, "ETag": f'"{asset.tag}"'}
        if any(tag.value == asset.tag for tag in request.if_none_match or ()):
            count("asset", "unchanged")
            return web.Response(status=304, headers=headers)
        body = asset.body
        if asset.packed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = asset.packed
        count("asset", "served")
        return web.Response(body=body, headers={**headers, "Content-Type": asset.mime_type})

    def _find(self, path: str) -> Asset:
        stamp = self._built()
        if stamp != self._stamp:
            self._assets = _read(self._folder) if stamp is not None else {}
            self._stamp = stamp
        asset = self._assets.get(path) or self._successor(path)
        if asset is None:
            raise Problem("not_found", NOT_BUILT if stamp is None else None)
        return asset

    def _successor(self, path: str) -> Asset | None:
        """What bears this name, but for the hash."""
        name = _unhashed(path)
        found = [one for known, one in self._assets.items() if name and _unhashed(known) == name]
        return replace(found[0], cache=NEVER) if len(found) == 1 else None

    def _built(self) -> int | None:
        """When; None: it is not built."""
        try:
            return (self._folder / LOADER).stat().st_mtime_ns
        except OSError:
            return None


def _unhashed(path: str) -> str | None:
    """`app.js` of `app-<hash>.js`; None where there is no hash."""
    found = HASHED.match(path)
    return found and found[1] + found[2]


def _read(folder: Path) -> dict[str, Asset]:
    """Every file of a type we serve. Raises ValueError for a folder that is not a build."""
    assets: dict[str, Asset] = {}
    left = MAX_BYTES
    for file in sorted(folder.rglob("*")):
        mime_type = TYPES.get(file.suffix)
        if mime_type is None or file.is_symlink() or not file.is_file():
            continue
        body = file.read_bytes()
        left -= len(body)
        if left < 0 or len(assets) >= MAX_FILES:
            raise ValueError("the client's folder holds more than a client")
        path = file.relative_to(folder).as_posix()
        assets[path] = _asset(path, body, mime_type)
    return assets


def _asset(path: str, body: bytes, mime_type: str) -> Asset:
    packed = gzip.compress(body, mtime=0) if len(body) >= LEAST_PACKED else None
    return Asset(
        body=body,
        packed=packed if packed is not None and len(packed) < len(body) else None,
        mime_type=mime_type,
        tag=hashlib.sha256(body).hexdigest()[:32],
        cache=FOR_EVER if HASHED.search(path) else SHORT,
    )
