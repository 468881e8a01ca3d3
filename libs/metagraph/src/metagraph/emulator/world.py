"""All an emulator knows and does, in one value that its two sides share. Built by app.py."""

from dataclasses import dataclass

from metagraph.emulator.accounts import Accounts
from metagraph.emulator.inbound import Inbound
from metagraph.emulator.ledger import Ledger
from metagraph.emulator.media import Files, Links
from metagraph.emulator.page_reports import PageReports
from metagraph.emulator.people import People
from metagraph.emulator.script import Script
from metagraph.emulator.statuses import Statuses
from metagraph.emulator.webhooks import Webhooks


@dataclass(frozen=True, slots=True)
class World:
    """The parts; each says of itself what it is."""

    ledger: Ledger
    script: Script
    files: Files
    links: Links
    people: People
    accounts: Accounts
    webhooks: Webhooks
    statuses: Statuses
    page_reports: PageReports
    inbound: Inbound

    def forget(self) -> None:
        """Everything but the URLs of webhooks and the plans."""
        self.inbound.stop()
        self.script.clear()
        self.webhooks.forget()
        self.ledger.clear()
        self.files.clear()
        self.people.clear()
        self.accounts.clear()
