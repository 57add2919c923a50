"""One run of a client: what is asked of it, what goes wrong meanwhile, what must come of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Task = Literal["answer", "tool"]
Settled = Literal["taken over", "given back"]

CLIENT_KEY = "sk-client-canary-51b7"  # no provider may see it, no file may hold it
PROVIDER_KEYS = {"main": "sk-main-canary-8e20", "relay": "sk-relay-canary-c4d9"}
SECRETS = (CLIENT_KEY, *PROVIDER_KEYS.values())
FILE_NAME = "signal.txt"
FILE_TEXT = "All trains may pass"


@dataclass(frozen=True, slots=True)
class Case:
    """One run.

    Attributes:
        client: A name in `CLIENTS`.
        fault: What every request to the first provider meets, as `fixtures.faults` writes it.
        wire: The one that the providers speak, if it is not the client's own.
        settled: How its own files came to name the proxy; else its variables do.
        late: They are silent before each answer for longer than the proxy lets a client wait.
    """

    client: str
    task: Task
    fault: str | None = None
    wire: str | None = None
    late: bool = False
    settled: Settled | None = None

    @property
    def provider(self) -> str:
        """The provider that must have served it."""
        return "main" if self.fault is None else "relay"

    @property
    def turns(self) -> int:
        """How often the model speaks: with a tool, it hears what came of it."""
        return 1 if self.task == "answer" else 2

    @property
    def label(self) -> str:
        plain = self.settled or ("late" if self.late else "no fault")
        how = f"on {self.wire}" if self.wire else self.fault or plain
        return f"{self.client:<16} {self.task:<7} {how:<12}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a client runs: everything it may touch is in `home` and `work`."""

    home: Path
    work: Path
    packages: Path  # node_modules
    proxy_url: str

    @property
    def file(self) -> Path:
        return self.work / FILE_NAME

    def prompt(self, task: Task) -> str:
        """Return what the client is asked to do."""
        if task == "answer":
            return "Which signal is set?"
        return f"make the file {self.file} with the text {FILE_TEXT}"


@dataclass(frozen=True, slots=True)
class Command:
    """A client's command line, with the variables that are its own."""

    arguments: tuple[str, ...]
    variables: tuple[tuple[str, str], ...]


def spoken(provider: str) -> str:
    """Return the answer of `provider`, which no other would give."""
    return f"The {provider} signal is set."


def expected(case: Case, file: Path) -> str:
    """Return what the client must print, once; `file` is where it makes its file."""
    return spoken(case.provider) if case.task == "answer" else f"done: {file}"
