"""What the service is told by its environment. Built once, in main()."""

from adapter.settings import AdapterSettings
from chassis.settings import Port
from metagraph.origins import META_INSTAGRAM


class Settings(AdapterSettings):
    """Read from SLUICE_…; lists are JSON arrays.

    `meta_app_secrets` holds the Facebook app's secret and, for accounts that come by Instagram's
    own login, that of the Instagram app.
    """

    http_port: Port = 8082
    admin_port: Port = 9082

    instagram_graph_origin: str = META_INSTAGRAM
    """Graph's origin for accounts that came by Instagram's own login."""
