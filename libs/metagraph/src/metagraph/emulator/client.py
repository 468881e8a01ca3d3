"""A client of the emulator's control API, for tests in other processes, the demo and the CLI."""

import base64
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import aiohttp
import orjson

from metagraph.emulator.names import WHATSAPP

TIMEOUT_S = 30.0
MARGIN_S = 30.0


class ControlError(Exception):
    """The emulator refused; the sentence is its own."""


class EmulatorClient:
    """Talks to one emulator: `async with EmulatorClient(url) as emulator`."""

    def __init__(self, url: str) -> None:
        self._base = f"{url.rstrip('/')}/_emulator"
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(trust_env=False)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def health(self) -> None:
        """Returns when it is up. Raises aiohttp.ClientError when it is not."""
        await self._call("GET", "health")

    async def stats(self) -> dict[str, Any]:
        """`{"ledger": …, "webhooks": …, "script": …}`, counts all."""
        return await self._call("GET", "stats")

    async def ledger(self, after: int = 0) -> AsyncIterator[dict[str, Any]]:
        """Accepted sends past number `after`, in order."""
        more = True
        while more:
            page = await self._call("GET", f"ledger?after={after}")
            more = page["more"]
            for entry in page["entries"]:
                after = entry["number"]
                yield entry

    async def inbound(self, messages: Sequence[Mapping[str, Any]], **manner: Any) -> dict[str, Any]:
        """People write. Fields of InboundMessage or, with an `object`, of PageMessage.

        Keywords are fields of InboundRequest.
        """
        patience = float(manner.get("wait_s", 60.0)) + MARGIN_S
        body = orjson.dumps({"messages": [dict(one) for one in messages], **manner})
        return await self._call("POST", "inbound", body, patience)

    async def raw(
        self, body: bytes, signature: str = "valid", name: str = WHATSAPP
    ) -> dict[str, Any]:
        """Post these bytes once; `signature` is valid, none or wrong. `{"status", "text"}`."""
        return await self._call("POST", f"raw?signature={signature}&object={name}", body)

    async def script(self, *faults: Mapping[str, Any]) -> None:
        """Queue faults, as in script.py."""
        await self._call("POST", "script", orjson.dumps({"faults": [dict(one) for one in faults]}))

    async def clear_script(self) -> None:
        """Drop the faults that have not happened."""
        await self._call("DELETE", "script")

    async def statuses(self, **plan: Any) -> None:
        """Change the status plan: fields of StatusPlan."""
        await self._call("POST", "statuses", orjson.dumps(plan))

    async def echoes(self, **plan: Any) -> None:
        """Change how pages hear of their own messages: fields of EchoPlan."""
        await self._call("POST", "echoes", orjson.dumps(plan))

    async def account(self, **fields: Any) -> None:
        """Register an account of a business: fields of Account."""
        await self._call("POST", "accounts", orjson.dumps(fields))

    async def subscribed(self) -> dict[str, list[str]]:
        """The fields each account subscribed to."""
        found: dict[str, list[str]] = (await self._call("GET", "accounts"))["subscribed"]
        return found

    async def person(self, **fields: Any) -> None:
        """Introduce somebody: fields of PersonAsk."""
        await self._call("POST", "people", orjson.dumps(fields))

    async def route(self, url: str, name: str = WHATSAPP) -> None:
        """Send an object's webhooks to this URL from now on."""
        await self._call("POST", "webhooks", orjson.dumps({"object": name, "url": url}))

    async def handshake(self, verify_token: str, name: str = WHATSAPP) -> bool:
        """Whether an object's callback URL passes the subscription handshake."""
        body = orjson.dumps({"verify_token": verify_token, "object": name})
        return bool((await self._call("POST", "handshake", body))["verified"])

    async def media(
        self, content: bytes, mime_type: str, name: str | None = None
    ) -> dict[str, Any]:
        """Keep a file people may send; `{"id", "mime_type", "sha256"}` for a webhook."""
        text = base64.b64encode(content).decode()
        body = orjson.dumps({"mime_type": mime_type, "content": text, "name": name})
        return await self._call("POST", "media", body)

    async def purge(self, number: str) -> bool:
        """Drop a file; whether it was there."""
        return bool((await self._call("DELETE", f"media/{number}"))["purged"])

    async def reset(self) -> None:
        """Forget everything but the URLs and the status plan."""
        await self._call("POST", "reset")

    async def _call(
        self, method: str, path: str, body: bytes | None = None, timeout_s: float = TIMEOUT_S
    ) -> dict[str, Any]:
        if self._session is None:
            raise RuntimeError("use it as a context manager")
        timeout = aiohttp.ClientTimeout(total=timeout_s)
        # aiohttp wants a large body as a file, so that it is written in pieces.
        data = io.BytesIO(body) if body is not None else None
        async with self._session.request(
            method, f"{self._base}/{path}", data=data, timeout=timeout
        ) as response:
            answer: dict[str, Any] = orjson.loads(await response.read())
            if response.status != 200:  # noqa: PLR2004
                raise ControlError(f"{response.status}: {answer.get('error')}")
            return answer
