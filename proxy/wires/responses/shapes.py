"""Reading a part of a request into its shape, or saying where it has another."""

from typing import TypeVar

import msgspec

from proxy.errors import ClientError
from proxy.wire import ABSENT, decoded
from proxy.wires.responses.incoming import Kind

Shape = TypeVar("Shape")
_UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)
_kind = msgspec.json.Decoder(Kind)


def shaped(decoder: msgspec.json.Decoder[Shape], raw: msgspec.Raw, path: str) -> Shape:
    """Return what `raw`, which stands at `path`, holds.

    Raises:
        ClientError: 400, it has another shape.
    """
    try:
        return decoder.decode(raw)
    except _UNREADABLE as exc:
        said = str(exc)
        told = said.replace("`$", f"`{path}") if "`$" in said else f"{said} - at `{path}`"
        raise ClientError(400, f"The request body cannot be used: {told}") from exc


def kind_of(raw: msgspec.Raw) -> Kind:
    """Return what sort of thing `raw` says it is; nothing, if it is no object with a type."""
    return decoded(_kind, raw) or Kind()


def is_said(raw: msgspec.Raw) -> bool:
    """Say whether there is anything in an optional field."""
    return bytes(raw) not in ABSENT
