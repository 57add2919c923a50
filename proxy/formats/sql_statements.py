"""Cuts a SQL text into its statements, with the line of each and the table it is about."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

_PIECES: Final = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/|;|[^'"`\[;/-]+|.""",
    re.DOTALL,
)
_ABOUT: Final = re.compile(
    r"""\s*(?P<verb>INSERT|REPLACE|CREATE)\s+(?:OR\s+\w+\s+)?
    (?:INTO|(?:TEMP\w*\s+)?TABLE(?:\s+IF\s+NOT\s+EXISTS)?)\s+["'`\[]?(?P<table>\w+)""",
    re.IGNORECASE | re.VERBOSE,
)
_TRIGGER: Final = re.compile(r"\s*CREATE\s+(?:TEMP\w*\s+)?TRIGGER\b", re.IGNORECASE)
_END: Final = re.compile(r"\s*END\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement without remarks; `verb` and `table` are "" where it puts and makes nothing."""

    text: str = field(repr=False)
    line: int
    verb: str
    table: str


def statements(text: str) -> Iterator[Statement]:
    """Yield the statements of a text; those in the body of a trigger are none."""
    in_trigger = False
    for line, found in _cut(text):
        in_trigger = in_trigger or _TRIGGER.match(found) is not None
        if in_trigger:
            in_trigger = _END.fullmatch(found) is None
            continue
        about = _ABOUT.match(found)
        verb, table = ("", "") if about is None else (about["verb"].upper(), about["table"])
        yield Statement(found.strip(), line, verb, table)


def _cut(text: str) -> Iterator[tuple[int, str]]:
    pieces: list[str] = []
    line = begun = 1
    for match in _PIECES.finditer(text):
        piece = match[0]
        if piece == ";":
            yield begun, "".join(pieces)
            pieces = []
        elif not piece.startswith(("--", "/*")):
            if not "".join(pieces).strip():
                blank = len(piece) - len(piece.lstrip())
                begun = line + piece[:blank].count("\n")
            pieces.append(piece)
        line += piece.count("\n")
    if "".join(pieces).strip():
        yield begun, "".join(pieces)
