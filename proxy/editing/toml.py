"""Changes one key of a TOML text; comments, order and layout of all others stay as they are."""

from collections.abc import MutableMapping

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable, Item

from proxy.editing.edit import KeyPath, Unreadable

_BOM = "\ufeff"
_Table = MutableMapping[str, object]


def raw(text: str, path: KeyPath) -> str | None:
    """Return how the value at `path` is spelt; `None` if there is none.

    Raises:
        Unreadable: The text is no TOML, or something on the way is no table.
    """
    here: object = parsed(text)
    for depth, key in enumerate(path):
        table = _table(here, path[:depth])
        if key not in table:
            return None
        here = table[key]
    return here.as_string() if isinstance(here, Item) else "{}"


def put(text: str, path: KeyPath, spelling: str) -> str:
    """Return `text` with `spelling` as the value at `path`.

    Raises:
        Unreadable: As `raw`.
    """
    document = parsed(text)
    here: _Table = document
    for depth, key in enumerate(path[:-1]):
        if key not in here:
            here[key] = tomlkit.inline_table() if _is_inline(here) else _new_table(path, depth)
        here = _table(here[key], path[: depth + 1])
    here[path[-1]] = tomlkit.value(spelling)
    return spelt_out(text, document)


def drop(text: str, path: KeyPath) -> str:
    """Return `text` without the key at `path`, which may be missing.

    Raises:
        Unreadable: As `raw`.
    """
    if raw(text, path) is None:
        return text
    document = parsed(text)
    here: _Table = document
    for depth, key in enumerate(path[:-1]):
        here = _table(here[key], path[: depth + 1])
    del here[path[-1]]
    return spelt_out(text, document)


def spelt(_: KeyPath, value: str | bool) -> str:
    """Return `value` in TOML."""
    return tomlkit.item(value).as_string()


def same(one: str, other: str) -> bool:
    """Whether two spellings mean the same."""
    return one == other or _plain(one) == _plain(other)


def is_empty(spelling: str) -> bool:
    """Whether it is a table with nothing in it, not even a comment."""
    return spelling.strip() in ("", "{}")


def plain(text: str) -> object:
    """Return what the text says.

    Raises:
        Unreadable: It is no TOML.
    """
    return parsed(text).unwrap()


def _plain(spelling: str) -> object:
    try:
        return tomlkit.value(spelling).unwrap()
    except TOMLKitError:  # a table: equal to itself alone
        return [spelling]


def parsed(text: str) -> tomlkit.TOMLDocument:
    """Return a text as a document that keeps its layout.

    Raises:
        Unreadable: It is no TOML.
    """
    try:
        return tomlkit.parse(text.removeprefix(_BOM))
    except (TOMLKitError, RecursionError) as error:
        raise Unreadable(f"it is no TOML: {error}") from error


def spelt_out(before: str, document: tomlkit.TOMLDocument) -> str:
    """Return a document as a text that begins and ends its lines as the one before did."""
    text = tomlkit.dumps(document)
    if "\r\n" in before:  # tables of ours end their lines as the file does
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    return _BOM * before.startswith(_BOM) + text


def _table(found: object, path: KeyPath) -> _Table:
    if not isinstance(found, MutableMapping):
        raise Unreadable(f"{'.'.join(path)} is no table")
    return found


def _is_inline(table: _Table) -> bool:
    return isinstance(table, InlineTable)


def _new_table(path: KeyPath, depth: int) -> Item:
    """Return a table; without a header of its own if it holds but another one."""
    return tomlkit.table(is_super_table=depth < len(path) - 2)
