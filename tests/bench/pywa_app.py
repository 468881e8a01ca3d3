"""What people receive WhatsApp with today: pywa on FastAPI and uvicorn. Signatures, no storing.

Run as `python -m bench.pywa_app PORT SECRET`. Set up for speed as far as
pywa's documents go: its async client, async handlers, no access log, uvicorn's own choice of the
fastest loop and parser that are installed. Its filter of repeats (in memory) stays on, as it is by
default.
"""

import logging
import sys

import uvicorn
from fastapi import FastAPI
from pywa_async.client import WhatsApp
from pywa_async.handlers import MessageHandler
from pywa_async.types.message import Message

from bench.addresses import HOST, PATH
from bench.bodies import ACCOUNT


def application(secret: str) -> FastAPI:
    """An app whose one handler is `leave`."""
    app = FastAPI()
    client = WhatsApp(
        phone_id=ACCOUNT,
        token="unused",
        server=app,
        webhook_endpoint=PATH,
        verify_token="unused",
        app_secret=secret,
        validate_updates=True,
    )

    client.add_handlers(MessageHandler(leave))  # type: ignore[arg-type] # typed for pywa's other client
    return app


async def leave(_client: WhatsApp, _message: Message) -> None:
    """The message arrived; nothing is stored."""


if __name__ == "__main__":
    logging.disable(logging.INFO)
    uvicorn.run(
        application(sys.argv[2]),
        host=HOST,
        port=int(sys.argv[1]),
        access_log=False,
        log_level="warning",
    )
