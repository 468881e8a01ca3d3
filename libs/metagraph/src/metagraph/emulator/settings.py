"""What an emulator is told at start: by its command line, or by a test that runs one."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from metagraph.emulator.accounts import Account

Fraction = Annotated[float, Field(ge=0, le=1)]
Status = Literal["sent", "delivered", "read", "played"]


class StatusPlan(BaseModel):
    """Which status webhooks follow an accepted message.

    The first comes after `delay_s`, each next `step_s` later. `duplicates` is the share sent
    twice. With `shuffle` they come in random order.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: tuple[Status, ...] = ("sent", "delivered", "read")
    delay_s: float = Field(default=0.05, ge=0, le=600)
    step_s: float = Field(default=0.05, ge=0, le=600)
    duplicates: Fraction = 0.0
    shuffle: bool = False


class EchoPlan(BaseModel):
    """How pages hear of what was sent in their name.

    `when`: the echo arrives before the call is answered, `delay_s` after it, or not at all.
    Messenger's carry `app_id` and the send's metadata; Instagram's only with `marks_instagram`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    when: Literal["before", "after", "off"] = "after"
    delay_s: float = Field(default=0.02, ge=0, le=600)
    app_id: int = 1517776481860111
    marks_instagram: bool = False


class EmulatorSettings(BaseSettings):
    """Read from the environment as `SLUICE_…`; `meta_app_secrets` is a JSON array.

    The first secret signs. `webhooks` maps an `object` (whatsapp_business_account) to the URL that
    receives it; `accounts` are known from the start. Times are seconds: a webhook not answered 200
    is sent again after `retry_first_s`, twice as long each time up to `retry_max_s`, for
    `retry_for_s` in all. A link to a WhatsApp file is good for `link_ttl_s`.
    """

    model_config = SettingsConfigDict(env_prefix="SLUICE_", frozen=True, hide_input_in_errors=True)

    meta_app_secrets: tuple[SecretStr, ...] = Field(min_length=1)
    emulator_host: str = "127.0.0.1"
    emulator_port: int = Field(default=0, ge=0, le=65535)
    emulator_webhooks: dict[str, str] = Field(default_factory=dict)
    emulator_accounts: tuple[Account, ...] = ()
    emulator_statuses: StatusPlan = StatusPlan()
    emulator_echoes: EchoPlan = EchoPlan()
    emulator_link_ttl_s: float = Field(default=300.0, gt=0, le=86400)
    emulator_connections: int = Field(default=64, ge=1, le=1024)
    emulator_answer_s: float = Field(default=20.0, gt=0)
    emulator_retry_first_s: float = Field(default=0.05, gt=0)
    emulator_retry_max_s: float = Field(default=2.0, gt=0)
    emulator_retry_for_s: float = Field(default=600.0, gt=0)
    emulator_max_pending: int = Field(default=200_000, ge=1)
    emulator_max_ledger: int = Field(default=200_000, ge=1)
