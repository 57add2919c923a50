"""What taking over an app means: which of its files, and which of their keys."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from proxy.editing.edit import Edit, FormatName


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Whose files they are: a home, the folder someone works in, and the shell's variables."""

    home: Path
    work: Path
    env: Mapping[str, str] = field(repr=False)

    @property
    def uses_a_proxy(self) -> bool:
        """Whether the shell sends HTTP through another proxy, which must not get ours."""
        names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
        return any(self.env.get(name) or self.env.get(name.lower()) for name in names)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where the app is to send its requests, and the token that it must show there."""

    url: str
    token: str = field(repr=False)
    is_checked: bool = False  # the proxy lets in nobody without the token


@dataclass(frozen=True, slots=True)
class AppFile:
    """One file of an app.

    Attributes:
        path: Where it is, there or not.
        kind: Its format.
        edits: What is to stand in it, by the text that stands there. Raises `Unreadable`.
    """

    path: Path
    kind: FormatName
    edits: Callable[[str], tuple[Edit, ...]]


@dataclass(frozen=True, slots=True)
class TakenApp:
    """An app whose files can be taken over.

    Attributes:
        files: Its files.
        warnings: One sentence for each thing around that will win over what stands in them.
        restart: What to do about sessions that run, after they were given back.
    """

    files: Callable[[Surroundings, Wanted], tuple[AppFile, ...]]
    warnings: Callable[[Surroundings], tuple[str, ...]]
    restart: str
