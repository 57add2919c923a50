"""A secret of this installation, by which sessions are named after how they began.

A hash without one could be looked up: whoever has the ledger and guesses a prompt would see that
it was asked. Proxies that are to agree on sessions share the file.
"""

import os
from pathlib import Path

NAME = "secret"
BYTES = 32


def installation_secret(folder: Path) -> bytes:
    """Return the secret in `folder`, made at the first call.

    Raises:
        OSError: It can be neither read nor made.
    """
    path = folder / NAME
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = path.with_name(f"{NAME}.{os.getpid()}.tmp")
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(os.urandom(BYTES))
        try:
            os.link(made, path)  # of several that begin at once, one is right
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_bytes()
