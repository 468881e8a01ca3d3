"""Ports of this machine: is one free, and which one is. Used by the stack and by the tests."""

import errno
import random
import socket

from sluice_local.errors import PortTaken

HOST = "127.0.0.1"
TEST_PORTS = range(20_000, 32_000)
"""Below the range from which the system takes ports for outgoing connections: one of those could
take a port between our look at it and the server's."""

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


def free_port() -> int:
    """A port nobody listens on, never the same twice. For tests: a stack has fixed ports."""
    for _ in range(len(TEST_PORTS)):
        port = _random.choice(TEST_PORTS)
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
