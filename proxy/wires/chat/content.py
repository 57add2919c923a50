"""Parts of a message's content, as they are read; a part of unknown type is a loss."""

import base64
import binascii
from typing import TypeVar
from urllib.parse import unquote_to_bytes

import msgspec
from msgspec import Raw

from proxy.canonical.parts import Lifetime, Media, Refusal, Text
from proxy.canonical.request import Loss
from proxy.errors import ClientError
from proxy.wires.chat.conversation import (
    Breakpoint,
    FileContent,
    FileJson,
    ImageJson,
    ImageUrl,
    Kind,
    RefusalJson,
    TextJson,
)

Shape = TypeVar("Shape")
Content = str | list[Raw] | None

_PDF = "application/pdf"
_kind = msgspec.json.Decoder(Kind)
_text = msgspec.json.Decoder(TextJson)
_image = msgspec.json.Decoder(ImageJson)
_file = msgspec.json.Decoder(FileJson)
_refusal = msgspec.json.Decoder(RefusalJson)


def shaped(decoder: msgspec.json.Decoder[Shape], raw: Raw, path: str) -> Shape:
    """Return what `raw`, which stands at `path`, holds.

    Raises:
        ClientError: 400, it has another shape.
    """
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as exc:
        raise ClientError(400, f"{path} cannot be used: {exc}") from exc


def kind_of(raw: Raw, path: str) -> str | None:
    """Return the `type` of the object at `path`."""
    return shaped(_kind, raw, path).type


def read_content(
    content: Content, path: str, losses: list[Loss]
) -> tuple[Text | Media | Refusal, ...]:
    """Return the parts of `content`; an empty text says nothing and is none."""
    if isinstance(content, str):
        return (Text(text=content),) if content else ()
    parts = (
        _read_part(raw, f"{path}.content[{index}]", losses)
        for index, raw in enumerate(content or ())
    )
    return tuple(part for part in parts if part is not None)


def _read_part(raw: Raw, path: str, losses: list[Loss]) -> Text | Media | Refusal | None:
    match kind_of(raw, path):
        case "text":
            said = shaped(_text, raw, path)
            until = cache_until(said.prompt_cache_breakpoint or said.cache_control)
            return Text(text=said.text, cache_until=until) if said.text else None
        case "image_url":
            return _read_image(shaped(_image, raw, path))
        case "file":
            return _read_file(shaped(_file, raw, path), path, losses)
        case "refusal":
            return Refusal(text=shaped(_refusal, raw, path).refusal)
        case kind:
            losses.append(Loss(path, kind or "a part without a type", "unknown type of content"))
            return None


def _read_image(part: ImageJson) -> Media:
    image = part.image_url
    if isinstance(image, str):
        image = ImageUrl(image)
    until = cache_until(part.prompt_cache_breakpoint or part.cache_control)
    if not image.url.startswith("data:"):
        return Media(kind="image", url=image.url, detail=image.detail, cache_until=until)
    media_type, data = _read_data_url(image.url)
    return Media(
        kind="document" if media_type == _PDF else "image",
        media_type=media_type,
        data=data,
        detail=image.detail,
        cache_until=until,
    )


def _read_file(part: FileJson, path: str, losses: list[Loss]) -> Media | None:
    file: FileContent = part.file
    if file.file_data is None:
        losses.append(Loss(path, "file_id", "the file is known to its own provider alone"))
        return None
    until = cache_until(part.prompt_cache_breakpoint or part.cache_control)
    media_type, data = _read_data_url(file.file_data)
    media_type = media_type or _PDF
    text = _decoded_text(data) if media_type.startswith("text/") else None
    return Media(
        kind="document" if text is None else "text",
        media_type=media_type,
        data=data if text is None else text,
        title=file.filename,
        cache_until=until,
    )


def _read_data_url(url: str) -> tuple[str | None, str]:
    """Return media type and standard base64; what is no such URL is taken for bare base64."""
    head, comma, data = url.partition(",")
    if not comma:
        return None, _standard(url)
    media_type, *rest = head.removeprefix("data:").split(";")
    if "base64" not in rest:
        data = base64.b64encode(unquote_to_bytes(data)).decode()
    return media_type or None, _standard(data)


def _standard(data: str) -> str:
    if "-" in data or "_" in data:
        return data.replace("-", "+").replace("_", "/")
    return data


def _decoded_text(data: str) -> str | None:
    try:
        return base64.b64decode(data).decode()
    except (binascii.Error, ValueError):
        return None


def cache_until(said: Breakpoint | None) -> Lifetime | None:
    """Return the nearest lifetime; those of this wire are 30m and 12h."""
    if said is None:
        return None
    return "1h" if said.ttl in {"1h", "12h"} else "5m"
