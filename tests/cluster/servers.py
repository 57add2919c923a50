"""PostgreSQL and Redis for the tests: from what is installed, in a folder of their own."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import duckdb

PASSWORD = "canary of a password, with ' and \\ and 100%"  # must be seen nowhere
IN_URL = quote(PASSWORD, safe="")
OWNER = "postgres"  # its server refuses to run as root
PATIENCE_S = 30.0


def postgres_bin() -> Path | None:
    """Return the folder of the newest PostgreSQL server that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def missing() -> str | None:
    """Say what these tests would need and do not have."""
    if postgres_bin() is None:
        return "no PostgreSQL server is installed: make test-cluster installs it"
    if no_redis() is not None:
        return no_redis()
    for name in ("ducklake", "postgres_scanner"):
        spec = find_spec(f"duckdb_extension_{name}")
        version = f"extensions/v{duckdb.__version__}"
        if spec is None or not (Path(str(spec.origin)).parent / version).exists():
            return f"no extension {name} for DuckDB {duckdb.__version__}: run make test-cluster"
    return None


def no_redis() -> str | None:
    """Say if there is no Redis server."""
    if shutil.which("redis-server") is None:
        return "no redis-server is installed: make test-cluster installs it"
    return None


@dataclass(frozen=True, slots=True)
class Postgres:
    """A server that listens at a port of this machine and in its own folder."""

    folder: Path
    port: int

    def database(self, name: str) -> str:
        """Make a database, and return the address of a shared ledger in it, without a password."""
        self.ask(f'CREATE DATABASE "{name}"')
        return f"ducklake:postgres://{OWNER}@127.0.0.1:{self.port}/{name}"

    def ask(self, query: str, database: str = OWNER) -> str:
        psql = shutil.which("psql")
        assert psql is not None
        at = ["-h", str(self.folder), "-p", str(self.port), "-U", OWNER, "-d", database]
        ran = subprocess.run(  # noqa: S603  # ours
            [psql, *at, "-v", "ON_ERROR_STOP=1", "-Atqc", query],
            env={**os.environ, "PGPASSWORD": PASSWORD},
            check=True,
            capture_output=True,
            text=True,
        )
        return ran.stdout.strip()

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        self._control("start", "-o", options, "-l", str(self.folder / "log"))

    def stop(self) -> None:
        self._control("stop", "-m", "immediate")

    def _control(self, *words: str) -> None:
        program = str(postgres_bin() / "pg_ctl")  # type: ignore[operator]
        run_as_owner([program, "-D", str(self.folder / "data"), "-w", *words])


@contextmanager
def postgres(folder: Path) -> Iterator[Postgres]:
    """Run a server with its data in `folder`, which is empty."""
    programs = postgres_bin()
    assert programs is not None
    word = folder / "word"
    word.write_text(PASSWORD)
    if os.geteuid() == 0:
        for path in (folder, word):
            shutil.chown(path, OWNER)
    run_as_owner(
        [
            *(str(programs / "initdb"), "-D", str(folder / "data"), "-U", OWNER, "--no-sync"),
            *("-A", "scram-sha-256", f"--pwfile={word}", "--locale=C", "-E", "UTF8"),
        ]
    )
    server = Postgres(folder, free_port())
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """Run a server that keeps nothing, and return its address."""
    program, port = shutil.which("redis-server"), free_port()
    assert program is not None
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen([program, *options], stdout=subprocess.DEVNULL) as server:  # noqa: S603  # ours
        try:
            wait_until(lambda: answers(port))
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()


def answers(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def run_as_owner(command: Sequence[str]) -> None:
    """Run a program that refuses root."""
    user = OWNER if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    ran = subprocess.run(  # noqa: S603  # ours
        command,
        user=user if os.geteuid() == 0 else None,
        group=user if os.geteuid() == 0 else None,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if ran.returncode:
        sys.stderr.write(ran.stderr)
        raise RuntimeError(f"{command[0]} failed: {ran.stderr}")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_until(come: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    """Ask again and again until it is so."""
    deadline = time.monotonic() + patience_s
    while not come():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)
