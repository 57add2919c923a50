"""Ids of tool calls: this wire wants `[A-Za-z0-9_-]+`, and no id twice in a conversation.

An id that does not fit is put into one that does, and taken out again when the client returns it.
"""

import base64
import re

_FITTING = re.compile(r"[A-Za-z0-9_-]+")
_TAG = "pm1_"


def fitted(call_id: str) -> str:
    """Return `call_id` in the letters of this wire."""
    if _FITTING.fullmatch(call_id) and not call_id.startswith(_TAG):
        return call_id
    return _TAG + base64.urlsafe_b64encode(call_id.encode()).decode().rstrip("=")


def original(call_id: str) -> str:
    """Return the id that was `fitted`."""
    if not call_id.startswith(_TAG):
        return call_id
    body = call_id.removeprefix(_TAG)
    try:
        return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode()
    except ValueError:  # no base64, no UTF-8, or letters that are not even ASCII
        return call_id


class CallIds:
    """The ids of one conversation, call by call."""

    def __init__(self) -> None:
        self._newest: dict[str, str] = {}
        self._times: dict[str, int] = {}

    def called(self, call_id: str) -> str:
        """Return the id to write for one more call; a second one by the same id is renamed."""
        times = self._times.get(call_id, 0)
        self._times[call_id] = times + 1
        written = fitted(f"{call_id}-again{times}" if times else call_id)
        self._newest[call_id] = written
        return written

    def answered(self, call_id: str) -> str:
        """Return the id to write for a result: that of the newest call."""
        return self._newest.get(call_id) or fitted(call_id)
