"""What the service is told by its environment. Built once, in main()."""

from adapter.settings import AdapterSettings
from chassis.settings import Port


class Settings(AdapterSettings):
    """Read from SLUICE_…; lists are JSON arrays."""

    http_port: Port = 8081
    admin_port: Port = 9081
