"""What a configuration comes to, whichever tool's it is: providers, queues, rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Wire = Literal["anthropic", "chat", "responses", "gemini"]
App = Literal["claude", "codex", "gemini", "openai"]
Setting = str | bool | int | float | list[str] | dict[str, str] | dict[str, float]

WIRE_OF: Final[Mapping[App, Wire]] = {
    "claude": "anthropic",
    "codex": "responses",
    "gemini": "gemini",
    "openai": "chat",
}
"""What each app speaks itself."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A secret that stands in an environment variable."""

    name: str


@dataclass(frozen=True, slots=True)
class Missing(Variable):
    """A secret that a file does not have; the variable is where it is to be looked for."""


Secret = str | Variable


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider.

    Attributes:
        name: What it is called: letters, digits, - and _.
        keys: By label, in the order in which they are tried.
        models: What it has; empty where that is not said.
        rename: How it calls them, by pattern.
        tiers: What stands in for all others, by tier.
        settings: Everything else, by the names that our configuration has for it.
    """

    name: str
    base_url: str
    wires: tuple[Wire, ...]
    keys: Mapping[str, Secret] = field(repr=False)
    headers: Mapping[str, Secret] = field(default_factory=dict, repr=False)
    enabled: bool = True
    models: tuple[str, ...] = ()
    rename: Mapping[str, str] = field(default_factory=dict)
    tiers: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Setting] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """A place in a queue; `model` is sent whatever is asked for, `key` is a label."""

    provider: str
    model: str | None = None
    backup: bool = False
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Which requests go to a queue that no app has."""

    name: str
    queue: str
    apps: tuple[App, ...] = ()
    models: tuple[str, ...] = ()
    min_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """A whole configuration; the targets of a queue are in the order in which they are asked."""

    providers: tuple[Provider, ...] = ()
    queues: Mapping[str, tuple[Target, ...]] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Loss:
    """Something of a configuration that could not be carried, and what to do about it.

    `at` is its key there; `line` is `None` where a text has no lines of its own.
    """

    at: str
    line: int | None
    what: str

    def __str__(self) -> str:
        place = "" if self.line is None else f"line {self.line}: "
        return f"{place}{self.at}: {self.what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a text came to; `renamed` has names that could not stay, and what they are now."""

    setup: Setup
    losses: tuple[Loss, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    """A text for another tool, what it does not say, and what to do with it."""

    text: str = field(repr=False)
    losses: tuple[Loss, ...] = ()
    advice: tuple[str, ...] = ()


class Malformed(Exception):  # noqa: N818  # reads as what is the matter
    """A text is not what it is taken for; says in which line, at which key, and what it should be.

    Never shows a value: it may be a secret.
    """

    def __init__(self, at: str, line: int | None, what: str) -> None:
        super().__init__(at, line, what)
        self.at = at
        self.line = line
        self.what = what

    def __str__(self) -> str:
        return f"{self.at}: {self.what}" if self.at else self.what
