"""How a provider is spoken to where that is not as its wire's vendor is."""

from dataclasses import dataclass, field
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where a key goes instead of the wire's own headers; `shape` is what the header says."""

    header: str | None = None
    shape: str = "{key}"
    query: str | None = None


@dataclass(frozen=True, slots=True)
class BodyChange:
    """What is changed in requests for an answer, of some wires and models; of all, if none is said.

    Attributes:
        wires: In which the provider is asked.
        models: Globs over the names sent.
        drops: Paths of keys that are taken out, before anything is set.
        sets: A JSON object that is merged in; what is no object replaces what was there.
    """

    wires: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    drops: tuple[tuple[str, ...], ...] = ()
    sets: str = field(default="{}", repr=False)


@dataclass(frozen=True, slots=True)
class Through:
    """How connections are made: by way of another proxy, and whom they trust besides."""

    outbound_proxy: str | None = field(default=None, repr=False)  # may hold a password
    ca_file: str | None = None


@dataclass(frozen=True, slots=True)
class Manner:
    """All of that. `endpoints` are whole addresses for answers, by wire."""

    key: KeyPlace | None = None
    drop_headers: tuple[str, ...] = ()
    endpoints: tuple[tuple[str, str], ...] = ()
    body: tuple[BodyChange, ...] = ()
    through: Through | None = None


def spellings(manner: Manner, secret: str) -> tuple[str, ...]:
    """Return how `secret` is spelt where it goes out, if that is not as it is."""
    spelt = quote(secret, safe="")
    in_query = manner.key is not None and manner.key.query is not None
    return (spelt,) if in_query and spelt != secret else ()
