"""A whole local stack, step by step: `start` reads like what happens. Built by main.py.

servers → streams → migrations → the first workspace → emulator → services → site → stack.json
"""

import shutil
import sys

from contracts.subjects import GIB, Limits
from sluice_local import plan, tasks
from sluice_local.embedded import start_servers
from sluice_local.facts import Facts
from sluice_local.guide import guide
from sluice_local.progress import Progress
from sluice_local.secrets_file import kept_secrets
from sluice_local.servers.files import write_private
from sluice_local.servers.ports import check_free
from sluice_local.servers.program import Running
from sluice_local.settings import LocalSettings, variable
from sluice_local.stack_file import Seeded, StackFile, stack_file
from sluice_local.supervisor import Supervisor

SERVERS = {"nats_port": "nats_url", "postgres_port": "postgres_url", "redis_port": "redis_url"}
"""Ports of the embedded servers, and the setting that names another server in their place."""
SPARE_DISK = GIB


class Stack:
    """Everything one `sluice-local` runs, and the file that says where it is."""

    def __init__(self, settings: LocalSettings, progress: Progress) -> None:
        self._settings = settings
        self._progress = progress
        self._folder = settings.folder.resolve()
        self._logs = self._folder / "logs"
        self._file = self._folder / "stack.json"
        self._known: tuple[Facts, Seeded] | None = None
        self.supervisor = Supervisor(progress, changed=self._write)

    def start(self) -> None:
        """Everything, in order. Raises LocalError; what runs by then is for `stop`."""
        self._file.unlink(missing_ok=True)
        self._check_ports()
        self._check_disk()
        self._logs.mkdir(mode=0o700, exist_ok=True)
        secrets = kept_secrets(self._folder / "secrets.json")
        facts = start_servers(self._settings, secrets, self._folder, self._logs, self._start)
        seeded = self._prepare(facts)
        self._start(plan.emulator(facts, self._logs), facts.emulator_url)
        for row in plan.SERVICES:
            address = facts.url(row.port(self._settings))
            self._start(plan.service(row, facts, self._logs), address)
        self._start(plan.site(facts, self._logs), facts.site_url)
        self._known = facts, seeded
        self._write()
        for line in guide(self._described(facts, seeded), sys.executable, self._file):
            self._progress.say(line)

    def stop(self) -> None:
        """In reverse order, each program within its deadline."""
        self._file.unlink(missing_ok=True)
        with self._progress.step("stop"):
            self.supervisor.stop()

    def kill(self) -> None:
        """At once."""
        self.supervisor.kill()

    def _prepare(self, facts: Facts) -> Seeded:
        """Streams, tables and a first workspace: each command does nothing where it is done."""
        log = self._logs / "setup.log"
        with self._progress.step("streams"):
            tasks.run("sluice", "bus", "apply", env=plan.streams_env(facts), log=log)
        with self._progress.step("migrations"):
            tasks.run("inbox-core-admin", "migrate", env=plan.migrate_env(facts), log=log)
        with self._progress.step("workspace"):
            output = tasks.run("inbox-core-admin", "seed", env=plan.seed_env(facts), log=log)
            return tasks.seeded(output)

    def _start(self, running: Running, address: str) -> None:
        with self._progress.step(running.program.name) as remarks:
            self.supervisor.start(running)
            remarks.append(address)

    def _write(self) -> None:
        """stack.json, once everything is known; again when a process is a new one."""
        if self._known is not None:
            stack = self._described(*self._known)
            write_private(self._file, stack.model_dump_json(indent=2) + "\n")

    def _described(self, facts: Facts, seeded: Seeded) -> StackFile:
        return stack_file(facts, seeded, self.supervisor.pids())

    def _check_ports(self) -> None:
        """Before anything starts, so that nothing is left half up. Raises PortTaken."""
        for field in type(self._settings).model_fields:
            instead = SERVERS.get(field)
            embedded = instead is None or getattr(self._settings, instead) is None
            if field.endswith("_port") and embedded:
                check_free(getattr(self._settings, field), variable(field))

    def _check_disk(self) -> None:
        needed = Limits().max_file + SPARE_DISK
        free = shutil.disk_usage(self._folder).free
        if self._settings.nats_url is None and free < needed:
            self._progress.note(
                "disk",
                f"{free / GIB:.1f} GiB are free, the streams may grow to {needed / GIB:.1f} GiB:"
                " a full disk stops NATS until there is room and it is started again",
            )
