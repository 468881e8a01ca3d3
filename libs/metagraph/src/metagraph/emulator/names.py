"""The objects webhooks are of, by Meta's names."""

from typing import Final, Literal

Platform = Literal["whatsapp_business_account", "page", "instagram"]

WHATSAPP: Final = "whatsapp_business_account"
PAGE: Final = "page"
INSTAGRAM: Final = "instagram"
