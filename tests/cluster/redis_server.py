"""A Redis server that a test starts, stops, stalls and fills as it likes."""

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.cluster.servers import answers, free_port, wait_until

STOP_S = 10


@dataclass
class RedisServer:
    """A server at a port that stays its own; it keeps nothing over a stop."""

    folder: Path
    port: int = field(default_factory=free_port)
    password: str = ""
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return self.url_with(self.password)

    def url_with(self, password: str) -> str:
        user = f":{password}@" if password else ""
        return f"redis://{user}127.0.0.1:{self.port}/0"

    def start(self) -> None:
        program = shutil.which("redis-server")
        assert program is not None
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        options += ["--dir", str(self.folder)]
        options += ["--requirepass", self.password] if self.password else []
        self._process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)  # noqa: S603  # ours
        wait_until(lambda: answers(self.port))

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(STOP_S)
            self._process = None

    def signal(self, one: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(one)

    def ask(self, *words: str) -> str:
        """Return what `redis-cli` says."""
        program = shutil.which("redis-cli")
        assert program is not None
        at = ["-p", str(self.port), *(("-a", self.password) if self.password else ())]
        ran = subprocess.run(  # noqa: S603  # ours
            [program, "--no-auth-warning", *at, *words], check=True, capture_output=True, text=True
        )
        return ran.stdout


@contextmanager
def redis_server(folder: Path, *, password: str = "", runs: bool = True) -> Iterator[RedisServer]:
    """Have a server until the block ends."""
    made = RedisServer(folder, password=password)
    try:
        if runs:
            made.start()
        yield made
    finally:
        made.stop()
