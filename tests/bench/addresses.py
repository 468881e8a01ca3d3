"""Where everything listens: loopback, one path for all receivers."""

from sluice_local.facts import WEBHOOK_PATH
from sluice_local.servers.ports import HOST

PATH = WEBHOOK_PATH

__all__ = ["HOST", "PATH"]
