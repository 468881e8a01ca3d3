"""The stores one suite runs over: a folder, the shipped fake, and an emulator of S3."""

import http.client
import socket
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from obstore.store import S3Store

from filestore.opening import open_store
from filestore.store import FileStore
from support.waiting import eventually

BUCKET = "media-of-tests"
SECRET = "wJalrXUtnFEMI"


@pytest.fixture(scope="session")
def s3_port() -> Iterator[int]:
    """The port of a running S3 emulator."""
    program = Path(sysconfig.get_path("scripts")) / "moto_server"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    server = subprocess.Popen(
        [program, "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield port
    finally:
        server.terminate()
        server.wait(10)


def made(port: int) -> bool:
    """Whether the bucket is there now."""
    try:
        return answer_of(port, "PUT", f"/{BUCKET}").status == http.HTTPStatus.OK
    except OSError:
        return False


def answer_of(port: int, method: str, target: str) -> "Answer":
    """What the emulator says, asked without our library."""
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        asking.request(method, target)
        response = asking.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())
    finally:
        asking.close()


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class S3(NamedTuple):
    """A running emulator and a prefix of one test's own."""

    port: int
    prefix: str

    def open(self, bucket: str = BUCKET) -> FileStore:
        options = {
            "endpoint": f"http://127.0.0.1:{self.port}",
            "allow_http": "true",
            "region": "us-east-1",
            "access_key_id": "a",
            "secret_access_key": SECRET,
        }
        return open_store(f"s3://{bucket}/{self.prefix}", options)

    async def type_of(self, key: str) -> object:
        """The type the emulator serves the file as."""
        store = S3Store(
            BUCKET,
            prefix=self.prefix,
            endpoint=f"http://127.0.0.1:{self.port}",
            region="us-east-1",
            access_key_id="a",
            secret_access_key=SECRET,
            client_options={"allow_http": True},
        )
        return (await store.get_async(key)).attributes["Content-Type"]

    def ask(self, method: str, target: str) -> Answer:
        return answer_of(self.port, method, f"/{BUCKET}{target}")


@pytest.fixture
async def s3(s3_port: int, tmp_path: Path) -> S3:
    await eventually(lambda: made(s3_port), 30)
    return S3(s3_port, tmp_path.name)


@pytest.fixture(params=["folder", "memory", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    if request.param == "folder":
        return open_store(str(tmp_path / "files"))
    if request.param == "memory":
        return open_store("memory:///")
    emulator: S3 = request.getfixturevalue("s3")
    return emulator.open()
