"""Images and documents, both ways."""

import base64
from typing import Literal

import msgspec

from proxy.canonical.parts import Media
from proxy.canonical.request import Loss
from proxy.wire import decoded
from proxy.wires.anthropic.blocks import (
    DocumentBlock,
    ImageBlock,
    Source,
    cache_control,
    cache_until,
)
from proxy.wires.anthropic.shapes import short

IMAGE_TYPES = {"image/jpeg", "image/png", "image/gif", "image/webp"}


class _Said(msgspec.Struct):
    type: str
    text: str


_content = msgspec.json.Decoder(str | list[_Said])


def read_media(block: ImageBlock | DocumentBlock, path: str, losses: list[Loss]) -> Media | None:
    """Return the picture or document; `None` if its source is none that others could read."""
    source = block.source
    title = block.title if isinstance(block, DocumentBlock) else None
    kind: Literal["image", "document"] = "image" if isinstance(block, ImageBlock) else "document"
    until = cache_until(block.cache_control)
    match source:
        case Source(type="base64", data=str(data), media_type=media_type):
            return Media(
                kind=kind, media_type=media_type, data=data, title=title, cache_until=until
            )
        case Source(type="url", url=str(url)):
            return Media(kind=kind, url=url, title=title, cache_until=until)
        case Source(type="text", data=str(data)):
            return _text(data, block)
        case Source(type="content", content=content):
            said = _joined(content)
            if said is not None:
                return _text(said, block)
        case _:
            pass
    losses.append(Loss(f"{path}.source", short(source.type), "only this vendor can read it"))
    return None


def _text(data: str, block: ImageBlock | DocumentBlock) -> Media:
    title = block.title if isinstance(block, DocumentBlock) else None
    until = cache_until(block.cache_control)
    return Media(kind="text", media_type="text/plain", data=data, title=title, cache_until=until)


def _joined(content: msgspec.Raw) -> str | None:
    said = decoded(_content, content)
    if said is None or isinstance(said, str):
        return said
    return "\n".join(part.text for part in said if part.type == "text")


def write_media(media: Media, path: str, losses: list[Loss]) -> ImageBlock | DocumentBlock | None:
    """Return the block that shows `media`; `None`, and a loss, if the wire has none."""
    if media.detail not in {None, "auto"}:
        losses.append(Loss(f"{path}.detail", "detail", "pictures have one size here"))
    source = _source(media)
    if source is None:
        what = short(media.media_type or media.kind)
        losses.append(Loss(path, what, "no such media in Anthropic Messages"))
        return None
    control = cache_control(media.cache_until)
    if media.kind == "image":
        return ImageBlock(source=source, cache_control=control)
    return DocumentBlock(source=source, title=media.title, cache_control=control)


def _source(media: Media) -> Source | None:
    if media.url is not None:
        return Source(type="url", url=media.url)
    if media.data is None:
        return None
    if media.kind == "text":
        return Source(type="text", media_type="text/plain", data=media.data)
    fits = IMAGE_TYPES if media.kind == "image" else {"application/pdf"}
    if media.media_type in fits:
        return Source(type="base64", media_type=media.media_type, data=media.data)
    if media.kind == "document" and _is_text(media.media_type):
        return _unwrapped(media.data)
    return None


def _is_text(media_type: str | None) -> bool:
    return media_type is not None and (
        media_type.startswith("text/") or media_type in {"application/json", "application/xml"}
    )


def _unwrapped(data: str) -> Source | None:
    """Return a document of text that came as base64."""
    try:
        text = base64.b64decode(data, validate=True).decode()
    except ValueError:
        return None
    return Source(type="text", media_type="text/plain", data=text)
