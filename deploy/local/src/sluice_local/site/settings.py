"""What the demo site is told by its environment."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from sluice_local.settings import port


class SiteSettings(BaseSettings):
    """Read as SLUICE_SITE_PORT, …. `gateway`: where browsers reach the widget's gateway."""

    model_config = SettingsConfigDict(
        env_prefix="SLUICE_SITE_", frozen=True, hide_input_in_errors=True
    )

    port: int = port(8091)
    gateway: str = Field(default="http://127.0.0.1:8083", pattern=r"^https?://[a-z0-9.:\[\]-]+$")
    channel: str = Field(default="demo-site", pattern=r"^[A-Za-z0-9_-]{4,64}$")
    """The public word of the widget's channel."""
    secret: SecretStr
    """The channel's secret: known to the site's server, never to a page."""
