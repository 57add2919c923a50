"""Reading a request piece by piece, so that what is wrong or unknown can be named by its place."""

from collections.abc import Set as AbstractSet
from typing import TypeVar

import msgspec

from proxy.canonical.request import Loss
from proxy.errors import ClientError
from proxy.wire import ABSENT

Shape = TypeVar("Shape")

NO_PLACE = "no place for it in other wires"

_LONGEST_NAME = 64
_UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])


def shaped(
    decoder: msgspec.json.Decoder[Shape], raw: bytes | str | msgspec.Raw, path: str
) -> Shape:
    """Return what stands at `path`.

    Raises:
        ClientError: 400, it has another shape, bad text, or no bottom.
    """
    try:
        return decoder.decode(raw)
    except _UNREADABLE as exc:
        raise ClientError(400, f"{path}: {exc}") from exc


def spelled(raw: msgspec.Raw, path: str) -> str:
    """Return the JSON text at `path`, as the client spelled it.

    Raises:
        ClientError: 400, bad text.
    """
    try:
        return bytes(raw).decode()
    except UnicodeError as exc:
        raise ClientError(400, f"{path}: {exc}") from exc


def present(raw: msgspec.Raw) -> bool:
    """Say whether there is anything but null."""
    return bytes(raw) not in ABSENT


def lose_unknown(
    raw: bytes | msgspec.Raw, known: AbstractSet[str], path: str, losses: list[Loss]
) -> None:
    """Append a loss for each key of the object `raw` that is not among `known`."""
    for key, value in shaped(_object, raw, path or "body").items():
        if key not in known and present(value) and bytes(value) != b"[]":
            name = key[:_LONGEST_NAME]
            losses.append(Loss(f"{path}.{name}" if path else name, name, NO_PLACE))


def short(name: str) -> str:
    """Return `name` as a loss may show it."""
    return name[:_LONGEST_NAME]
