"""A PostgreSQL server of a test's own: Debian's binaries, a free port of the loopback, its own folder.

The database system refuses to run as root, so root starts it as `postgres` or `nobody`.
"""

from __future__ import annotations

import itertools
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

USER = "tuneset"
START_SECONDS = 30
_schemas = itertools.count(1)


class Missing(Exception):
    """PostgreSQL is not installed."""


class Server:
    """One server: `start`, `stop_at_once`, `kill`, `close`; `url(schema)` is a record's address."""

    def __init__(self) -> None:
        self.programs = _programs()
        self.folder = Path(tempfile.mkdtemp(prefix="tuneset-postgres-"))
        self.data = self.folder / "data"
        self.password = secrets.token_urlsafe(12)
        self.port = _free_port()
        self._as: list[str] = []
        if os.geteuid() == 0:
            account = _account()
            self._as = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        secret = self.folder / "password"
        secret.write_text(self.password)
        secret.chmod(0o644)
        self._call(
            "initdb", "-D", str(self.data), "-U", USER, "--auth=scram-sha-256", f"--pwfile={secret}",
            "--encoding=UTF8", "--locale=C.UTF-8",
        )  # fmt: skip

    def start(self) -> None:
        """Start, and wait until it answers; after a kill the old server's processes are waited for."""
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "on",
            "max_connections": 150,
        }
        told = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                self._call(
                    "pg_ctl", "start", "-w", "-D", str(self.data), "-l", f"{self.folder}/log", "-o", told
                )
                return
            except subprocess.CalledProcessError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def stop_at_once(self) -> None:
        """Stop as after a crash: nothing is finished, nothing is written."""
        self._call("pg_ctl", "stop", "-m", "immediate", "-D", str(self.data))

    def kill(self) -> None:
        """SIGKILL for the main process; the others notice and end."""
        os.kill(int((self.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)

    def url(self, schema: str | None = None, *, database: str = "postgres") -> str:
        """The address of a record in a schema, by default in a new one."""
        schema = schema or f"record_{next(_schemas)}"
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{database}?schema={schema}"

    def close(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self.stop_at_once()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _call(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [*self._as, str(self.programs / program), *arguments],
            check=True,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )


def _programs() -> Path:
    """The folder of the server's programs, the newest version's."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[4]))
    on_path = shutil.which("initdb")
    if on_path:
        found.append(Path(on_path).resolve())
    if not found:
        raise Missing("PostgreSQL is not installed: apt-get install postgresql")
    return found[-1].parent


def _account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """One server for the whole session; without PostgreSQL the test skips, and fails in CI."""
    try:
        server = Server()
    except Missing as missing:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(missing))
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def postgres_url(postgres_server: Server) -> str:
    """The address of a record that is not there yet."""
    return postgres_server.url()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a new record may be: a file, and a schema of a PostgreSQL server."""
    if request.param == "sqlite":
        return tmp_path / "review.db"
    return request.getfixturevalue("postgres_url")
