"""Which conversation a request belongs to where no client says so: a hash of how it began.

Source: `facts/clients.md` sections 1.2 and 3.1: Gemini CLI sends no session id at all, and the
first system block of Claude Code changes with every conversation of one session.
"""

import hashlib
from collections.abc import Sequence

from proxy.canonical import Session

BILLING = b"x-anthropic-billing-header:"
_BYTES = 16


def implied_session(
    secret: bytes, system: Sequence[bytes], first_message: Sequence[bytes]
) -> Session | None:
    """Return the session that begins with these texts; `None` if there is no first message.

    Args:
        secret: Of this installation (64 bytes at most), so that nobody can look up a prompt by
            its hash; proxies that are to agree have the same one.
        system: The texts of the system prompt.
        first_message: The texts of the first message of the user.
    """
    if not first_message:
        return None
    digest = hashlib.blake2b(key=secret, digest_size=_BYTES)
    kept = [text for text in system if not text.lstrip().startswith(BILLING)]
    for texts in (kept, first_message):
        digest.update(len(texts).to_bytes(4))
        for text in texts:
            digest.update(len(text).to_bytes(8) + text)
    return Session(digest.hexdigest(), "hash of system prompt and first message")
