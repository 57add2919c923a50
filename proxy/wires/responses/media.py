"""Images and files: data URLs on this wire, plain base64 in the middle."""

import base64
import binascii

import msgspec

from proxy.canonical.parts import Media
from proxy.wires.responses.incoming import FilePart, ImagePart
from proxy.wires.responses.outgoing import InputFile, InputImage

_MARK = ";base64,"


def read_image(part: ImagePart) -> Media | None:
    """Return an image; `None` if it lies at the vendor."""
    detail = None if part.detail == "auto" else part.detail
    if not part.image_url:
        return None
    if not part.image_url.startswith("data:"):
        return Media(kind="image", url=part.image_url, detail=detail)
    kind, mark, payload = part.image_url[5:].partition(_MARK)
    if not mark:
        return None
    return Media(kind="image", media_type=kind or None, data=payload, detail=detail)


def read_file(part: FilePart) -> Media | None:
    """Return a document; `None` if it lies at the vendor."""
    if part.file_url:
        return Media(kind="document", url=part.file_url, title=part.filename)
    if not part.file_data:
        return None
    if not part.file_data.startswith("data:"):
        return Media(kind="document", data=part.file_data, title=part.filename)
    kind, mark, payload = part.file_data[5:].partition(_MARK)
    if not mark:
        return None
    text = _plain(payload) if kind.startswith("text/") else None
    if text is not None:
        return Media(kind="text", media_type=kind, data=text, title=part.filename)
    return Media(kind="document", media_type=kind or None, data=payload, title=part.filename)


def _plain(payload: str) -> str | None:
    try:
        return base64.b64decode(payload).decode()
    except (binascii.Error, ValueError):
        return None


def written_media(media: Media) -> InputImage | InputFile | None:
    """Return `media` in this wire's words; `None` if there is nothing in it."""
    if media.data is None and media.url is None:
        return None
    if media.kind == "image":
        kind = media.media_type or "image/png"
        url = media.url or f"data:{kind}{_MARK}{media.data}"
        return InputImage(image_url=url, detail=media.detail or "auto")
    name = media.title if media.title is not None else msgspec.UNSET
    if media.data is None:
        return InputFile(file_url=media.url or "", filename=name)
    return InputFile(file_data=_file_data(media, media.data), filename=media.title or _name(media))


def _file_data(media: Media, payload: str) -> str:
    if media.kind == "text":
        sealed = base64.b64encode(payload.encode()).decode()
        return f"data:{media.media_type or 'text/plain'}{_MARK}{sealed}"
    return payload if media.media_type is None else f"data:{media.media_type}{_MARK}{payload}"


def _name(media: Media) -> str:
    """Return a name for a file that has none: the vendor insists on one with its data."""
    return "document.txt" if media.kind == "text" else "document.pdf"
