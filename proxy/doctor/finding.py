"""One thing that was looked at."""

from typing import Literal

import msgspec

Level = Literal["ok", "note", "warning", "problem"]
Fix = Literal["private", "restore"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What was found.

    Attributes:
        level: A note is worth knowing; a warning may bite; a problem does.
        about: What was looked at.
        says: One sentence.
        mend: The command that mends it, if one does.
        fix: What `--fix` does about it, if that is safe; of `path`.
    """

    level: Level
    about: str
    says: str
    mend: str | None = None
    fix: Fix | None = None
    path: str | None = None
