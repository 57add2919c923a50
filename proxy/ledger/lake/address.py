"""Where a shared ledger is. Knows no database, and shows no password."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from proxy.errors import LedgerUnusable

SCHEME: Final = "ducklake:"
WANTED: Final = '"ducklake:postgres://user:${PASSWORD}@host/database"'

_ENGINES: Final = {"postgres", "postgresql"}
_OPTIONS: Final = {"host", "sslmode", "sslrootcert", "sslcert", "sslkey", "target_session_attrs"}


class NoAddress(ValueError):  # noqa: N818  # reads as what is the matter
    """A text is no address; the message says what is wrong with it, and shows nothing of it."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """A PostgreSQL database, as its client library wants to know it; `None` leaves it to that."""

    database: str
    host: str | None = None  # or the folder of a socket
    port: int | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    options: tuple[tuple[str, str], ...] = ()

    @property
    def shown(self) -> str:
        """The same for a person, without the password."""
        user = "" if self.user is None else f"{self.user}@"
        port = "" if self.port is None else f":{self.port}"
        return f"{SCHEME}postgres://{user}{self.host or ''}{port}/{self.database}"


@dataclass(frozen=True, slots=True)
class Lake:
    """A shared ledger: where its catalog is, and its Parquet where this host sees it elsewhere."""

    url: str = field(repr=False)
    data: str | None = (
        None  # a folder, or the address of an object store; `None`: as in the catalog
    )
    fetches: bool = False  # DuckDB may load extensions from its makers over the network

    @property
    def catalog(self) -> Catalog:
        """What `url` says.

        Raises:
            NoAddress: It is none.
        """
        return catalog_at(self.url)


@dataclass(frozen=True, slots=True)
class Shared:
    """A shared ledger as one host sees it: with what of its own is not there yet."""

    lake: Lake
    folder: Path | None = None


Store = Path | Shared
"""What a reader can open."""


def shown(store: Store) -> str:
    """Return what a store is called in a message."""
    if isinstance(store, Shared):
        return f"the shared ledger {store.lake.catalog.shown}"
    return f"the ledger in {store}"


def store_at(text: str) -> Store:
    """Return the folder or the shared ledger that `text` names.

    Raises:
        LedgerUnusable: It is the address of no shared ledger.
    """
    return shared_at(text) if text.startswith(SCHEME) else Path(text)


def shared_at(url: str, folder: Path | None = None) -> Shared:
    """Return the shared ledger at `url`, as the host sees it whose own one is in `folder`.

    Raises:
        LedgerUnusable: It is the address of no shared ledger.
    """
    try:
        catalog_at(url)
    except NoAddress as error:
        raise LedgerUnusable(f"the ledger's address has {error}, want {WANTED}") from None
    return Shared(Lake(url), folder)


def catalog_at(url: str) -> Catalog:
    """Read `ducklake:postgres://…`, with what must be escaped in addresses escaped.

    Raises:
        NoAddress: It is none; nothing of it is shown.
    """
    if not url.startswith(SCHEME):
        raise NoAddress("another beginning than ducklake:")
    try:
        parts = urlsplit(url.removeprefix(SCHEME))
        port = parts.port
    except ValueError:
        raise NoAddress("a host or a port that is none") from None
    database = unquote(parts.path.removeprefix("/"))
    if parts.scheme not in _ENGINES:
        raise NoAddress("a catalog that is not in PostgreSQL")
    if not database or "/" in database:
        raise NoAddress("no name of a database")
    options = _options(parts)
    return Catalog(
        database=database,
        host=options.pop("host", None) or unquote(parts.hostname or "") or None,
        port=port,
        user=_text(parts.username),
        password=_text(parts.password),
        options=tuple(options.items()),
    )


def _options(parts: SplitResult) -> dict[str, str]:
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if parts.fragment or not options.keys() <= _OPTIONS:
        raise NoAddress(f"an option that is none of {', '.join(sorted(_OPTIONS))}")
    return options


def _text(escaped: str | None) -> str | None:
    return None if escaped is None else unquote(escaped)
