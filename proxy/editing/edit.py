"""A key of a configuration file and what is to stand there, whatever the file's format."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

KeyPath = tuple[str, ...]
FormatName = Literal["json", "toml", "env"]


class Unreadable(Exception):  # noqa: N818  # reads as what is the matter
    """A text is not in its format, or holds what cannot be changed safely; says where and why."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to stand at `path`: a text or a truth, or nothing."""

    path: KeyPath
    value: str | bool | None


@dataclass(frozen=True, slots=True)
class Format:
    """How the keys of one kind of file are read and changed.

    A value goes in and out as it is spelt in the file (`raw`), so that it comes back just so.

    Attributes:
        raw: The spelling of the value at a path, or `None`. Raises `Unreadable`.
        put: The text with a spelling at a path; objects on the way are made. Raises `Unreadable`.
        drop: The text without a path, which may be missing. Raises `Unreadable`.
        spelt: How a plain value is spelt at a path. Raises `Unreadable`.
        same: Whether two spellings mean the same.
        is_empty: Whether a spelling is that of an object with nothing in it.
        plain: What a whole text says. Raises `Unreadable`.
    """

    raw: Callable[[str, KeyPath], str | None]
    put: Callable[[str, KeyPath, str], str]
    drop: Callable[[str, KeyPath], str]
    spelt: Callable[[KeyPath, str | bool], str]
    same: Callable[[str, str], bool]
    is_empty: Callable[[str], bool]
    plain: Callable[[str], object]
