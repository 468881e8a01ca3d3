"""Ports of this machine: is one free, and which one is. Used by the stack and by the tests."""

import errno
import fcntl
import os
import random
import socket
import tempfile
from functools import cache
from pathlib import Path

from sluice_local.errors import PortTaken

HOST = "127.0.0.1"
TEST_PORTS = range(20_000, 32_000)
"""Below the range from which the system takes ports for outgoing connections: one of those could
take a port between our look at it and the server's."""

SHARE = 2000
"""Ports of one process: a port is handed out long before somebody listens on it."""

_handed_out: set[int] = set()
_random = random.SystemRandom()


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def check_free(port: int, setting: str) -> None:
    """Raises PortTaken, naming the port and the setting that moves it."""
    if not is_free(port):
        raise PortTaken(
            f"port {port} on {HOST} is taken: stop what listens there, or set {setting} to a free"
            f" port, as in {setting}={port + 10_000} make run"
        )


@cache
def _own_ports() -> range:
    """A share of the ports that no other process of tests takes from while this one lives."""
    for share in range(len(TEST_PORTS) // SHARE):
        lock = Path(tempfile.gettempdir()) / f"sluice-ports-{os.getuid()}-{share}"
        held = os.open(lock, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(held)
        else:
            return TEST_PORTS[share * SHARE : (share + 1) * SHARE]
    return TEST_PORTS


def free_port() -> int:
    """A port nobody listens on, never the same twice. For tests: a stack has fixed ports."""
    for _ in range(len(TEST_PORTS)):
        port = _random.choice(_own_ports())
        if port not in _handed_out and is_free(port):
            _handed_out.add(port)
            return port
    raise PortTaken(f"no free port from {TEST_PORTS[0]} to {TEST_PORTS[-1]}")


def answers(port: int, say: bytes, expect: bytes, timeout_s: float = 1.0) -> bool:
    """Whether a server on `port`, told `say`, answers a line that contains `expect`."""
    try:
        with socket.create_connection((HOST, port), timeout=timeout_s) as connection:
            connection.sendall(say)
            return expect in connection.recv(64 * 1024)
    except OSError:
        return False
