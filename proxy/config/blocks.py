"""Puts lines into a TOML text where a person would: behind the last key of their section.

A parsed document cannot: remarks in front of the next section belong to the one before for it.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

_HEADER: Final = re.compile(r"[ \t]*\[{1,2}[ \t]*(?P<name>[^\[\]=#,]+?)[ \t]*\]{1,2}[ \t]*(?:#.*)?")


def with_block(text: str, section: str, lines: Sequence[str], under: str | None = None) -> str:
    """Return `text` with lines behind the last key of a section's tables, or at its end.

    Args:
        text: TOML.
        section: The first part of the tables' names.
        lines: What is to stand there.
        under: A header to write above the lines, where there is no such table yet; with it only
            the table of just that name counts.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    had = text.splitlines()
    at = _end(had, section, is_exact=under is not None)
    new = [*lines] if at is not None or under is None else ["", under, *lines]
    at = len(had) if at is None else at
    result = [*had[:at], *new, *had[at:]]
    return newline.join(result).lstrip("\r\n") + newline


def without_block(text: str, table: str) -> str:
    """Return `text` without a table and those in it; the remarks behind their keys stay."""
    lines = text.splitlines(keepends=True)
    gone: set[int] = set()
    for name, start, end in _sections(lines):
        if name == table or name.startswith(f"{table}."):
            gone |= set(range(start, end))
            if start and not lines[start - 1].strip():
                gone.add(start - 1)
    return "".join(line for at, line in enumerate(lines) if at not in gone)


def _end(lines: Sequence[str], section: str, *, is_exact: bool) -> int | None:
    """Return the number of the line behind the last key of a section."""
    ends = [
        end
        for name, _, end in _sections(lines)
        if name == section or (not is_exact and name.startswith(f"{section}."))
    ]
    return ends[-1] if ends else None


def _sections(lines: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """Yield each table's name, the line of its header, and the line behind its last key."""
    headers = [(found["name"], at) for at, line in enumerate(lines) if (found := _header(line))]
    for (name, start), (_, stop) in pairwise([*headers, ("", len(lines))]):
        keys = (at for at in range(start, stop) if at == start or _is_key(lines[at]))
        yield name, start, 1 + max(keys)


def _header(line: str) -> re.Match[str] | None:
    return _HEADER.fullmatch(line.rstrip("\r\n"))


def _is_key(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")
