"""Where everything listens: loopback, one path for all receivers."""

from sluice_local.channels import CHANNELS
from sluice_local.servers.ports import HOST

PATH = next(row.path for row in CHANNELS if row.type == "whatsapp")

__all__ = ["HOST", "PATH"]
