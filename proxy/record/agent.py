"""Which program asks, from the user agent by which it names itself."""

import re
from dataclasses import dataclass
from functools import lru_cache

_PROGRAM = re.compile(r"([A-Za-z][\w.+-]*(?:/[A-Za-z][\w.-]*)?)[/ ]v?(\d[\w.+-]*)")
_MAX_CHARS = 100


@dataclass(frozen=True, slots=True)
class Program:
    """A client's name and version, as far as they are known."""

    name: str | None = None
    version: str | None = None


@lru_cache(maxsize=256)  # a machine has few programs, and each asks often
def program_of(user_agent: str | None) -> Program:
    """Return the first product that `user_agent` names (RFC 9110, section 10.1.5)."""
    found = _PROGRAM.match(user_agent or "")
    return Program() if found is None else Program(found[1][:_MAX_CHARS], found[2][:_MAX_CHARS])
