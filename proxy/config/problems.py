"""What is wrong in a configuration file, as one line each: file, key, found, wanted."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

Key = tuple[str | int, ...]
Table = TypeVar("Table", bound=BaseModel)

HIDDEN: Final = "(hidden)"
_LONGEST: Final = 60
_BITS: Final = 64  # of a number worth showing
_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to change; `found` never holds a secret."""

    key: Key
    found: str
    want: str

    def line(self, file: str) -> str:
        """Return it as one line about `file`."""
        return f"{file}: {dotted(self.key)}: found {self.found}, want {self.want}"


@dataclass(frozen=True, slots=True)
class Want:
    """What may stand in a field, in words; `each` is about what stands inside it."""

    whole: str
    each: str | None = None
    is_secret: bool = False
    tables: type[BaseModel] | None = None  # what it is, or each of its list, if that is a table


class Wrong(ValueError):  # noqa: N818  # reads as what is the matter
    """What a check of one value says; it becomes a `Problem` at that value's key."""

    def __init__(self, found: str, want: str) -> None:
        super().__init__(found)
        self.found = found
        self.want = want


def table_of(
    shape: type[Table], at: Key, raw: object, around: object = None
) -> tuple[Table | None, list[Problem]]:
    """Read `raw` as a table of `shape`, or say everything that is wrong with it.

    Args:
        shape: Its pydantic model, each field annotated with a `Want`.
        at: Key of the table.
        raw: What the file has there.
        around: What validators get as `info.context`.

    Returns:
        The table and no problems, or `None` and at least one.
    """
    if not isinstance(raw, dict):
        example = f"[{dotted(at)}]" if isinstance(at[-1], str) else f"[[{dotted(at[:-1])}]]"
        return None, [Problem(at, shown(raw), f"a table, as in {example}")]
    try:
        return shape.model_validate(raw, context=around), []
    except ValidationError as error:
        details = error.errors(include_url=False)
    return None, [_problem(shape, at, detail) for detail in details]


def dotted(key: Key) -> str:
    """Return `key` as TOML writes it: `providers."my own".wires[0]`."""
    text = ""
    for part in key:
        if isinstance(part, int):
            text += f"[{part}]"
            continue
        name = part if _BARE.fullmatch(part) else quoted(part)
        text += f".{name}" if text else name
    return text


def shown(value: object) -> str:
    """Return `value` for a person, on one line; not for what may be a secret."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        is_huge = isinstance(value, int) and value.bit_length() > _BITS
        return "a huge number" if is_huge else str(value)
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    return "a table" if isinstance(value, dict) else f"a {type(value).__name__}"


def quoted(text: str) -> str:
    """Return `text` in quotes, short, and without characters that could act on a terminal."""
    short = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    escaped = json.dumps(short, ensure_ascii=False)
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in escaped)


def one_of(names: Iterable[str], typed: str | None = None) -> str:
    """Return `names` as a choice, with a guess at which one `typed` was meant to be."""
    known = list(names)
    text = "one of " + ", ".join(known) if len(known) > 1 else "".join(known)
    return text + guess(known, typed)


def guess(names: Iterable[str], typed: str | None) -> str:
    """Return which of `names` was meant, to be put after what was wanted; "" if none is near."""
    near = get_close_matches(typed, list(names), n=1) if typed is not None else []
    return f' (did you mean "{near[0]}"?)' if near else ""


def unknown(at: Key, names: Iterable[str]) -> Problem:
    """Return the problem of a key that is not one of `names`."""
    return Problem(at, "an unknown key", one_of(names, str(at[-1])))


def _problem(shape: type[BaseModel], at: Key, detail: ErrorDetails) -> Problem:
    loc = detail["loc"]
    is_name = len(loc) > 2 and loc[-1] == "[key]"  # noqa: PLR2004  # pydantic marks a bad dict key
    loc = loc[:-1] if is_name else loc
    key = at + loc
    told = _context(detail).get("error")
    if isinstance(told, Wrong):
        return Problem(key, told.found, told.want)
    shape, loc = _innermost(shape, loc)
    if detail["type"] == "extra_forbidden":
        return unknown(key, _fields(shape))
    want = _want(_fields(shape)[str(loc[0])])
    words = want.whole if len(loc) == 1 else want.each or want.whole
    if detail["type"] == "missing":
        return Problem(key, "nothing", words)
    return Problem(key, HIDDEN if want.is_secret else shown(detail["input"]), words)


def _innermost(shape: type[BaseModel], loc: Key) -> tuple[type[BaseModel], Key]:
    """Return the innermost table that `loc` is in, and where in that."""
    field = _fields(shape).get(str(loc[0]))
    tables = None if field is None else _want(field).tables
    inner = loc[2:] if len(loc) > 1 and isinstance(loc[1], int) else loc[1:]
    return (shape, loc) if tables is None or not inner else _innermost(tables, inner)


def _fields(shape: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """Return the fields by their names in the file: `is` cannot be one in Python."""
    return {field.alias or name: field for name, field in shape.model_fields.items()}


def _want(field: FieldInfo) -> Want:
    return next(m for m in field.metadata if isinstance(m, Want))


def _context(detail: ErrorDetails) -> Mapping[str, object]:
    return detail.get("ctx", {})
