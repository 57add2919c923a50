"""Room on a ledger's disk: who makes files that can wait leaves enough for journals to go on.

What is converted takes up room twice, until no reader can have listed the journal any more: on a
nearly full disk that would make worse what it is to cure.
"""

import os
from typing import Final

from proxy.errors import LedgerUnusable
from proxy.ledger.apart import KEYS
from proxy.ledger.folder import Folder

_LEFT_BYTES: Final = 64 << 20  # for journals
_LEFT_PART: Final = 20  # or this part of the disk, if that is less
_UNFINISHED: Final = tuple(f"*.{one}.tmp" for one in (*KEYS, "parents", "readable", "parquet"))


class NoRoom(LedgerUnusable):
    """There is too little of it."""


def claim(folder: Folder, wanted_bytes: int, what: str) -> None:
    """Check that so much can be written, and enough is left; for the holder of `work` alone.

    Raises:
        NoRoom: It is not; what is to be done (`what`) can wait, and nothing was changed.
    """
    for pattern in _UNFINISHED:
        for path in folder.data.glob(pattern):
            path.unlink(missing_ok=True)  # of someone who was killed
    disk = os.statvfs(folder.root)
    left_bytes = min(_LEFT_BYTES, disk.f_blocks * disk.f_frsize // _LEFT_PART)
    if disk.f_bavail * disk.f_frsize < wanted_bytes + left_bytes:
        raise NoRoom(f"there is too little room on the disk of {folder.root} to {what}")
