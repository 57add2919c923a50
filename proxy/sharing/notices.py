"""What workers call to each other beside the log: it has no order, and is not kept."""

import msgspec

from proxy.commands import WorkerState


class Called(msgspec.Struct, frozen=True, tag="called", tag_field="is"):
    """Everybody should say how it is, in answer to `nonce`."""

    nonce: str


class Reload(msgspec.Struct, frozen=True, tag="reload", tag_field="is"):
    """Everybody else on this host should read its configuration, and then say how it is."""

    nonce: str
    host: str
    member: str


class Reported(msgspec.Struct, frozen=True, tag="reported", tag_field="is"):
    """How one worker is; `nonce` is what it answers, `None` if nothing."""

    member: str
    state: WorkerState
    nonce: str | None = None


Notice = Called | Reload | Reported
