"""Images and documents: bytes in base64, or a URI."""

import base64
from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlsplit

from proxy.canonical.parts import Media
from proxy.wires.gemini.fields import Fields, wrong
from proxy.wires.gemini.signature import standard_base64
from proxy.wires.gemini.spoken import Blob, FileData

_OWN_FILES = "generativelanguage.googleapis.com"
_BY_ENDING: Mapping[str, str] = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "pdf": "application/pdf",
}


def read_blob(blob: Fields) -> Media | None:
    """Read `inlineData`; `None` and a loss if no other wire has a word for its type."""
    media_type, data = blob.text("mimeType"), blob.text("data")
    title = blob.text("displayName")
    blob.lose_rest()
    if media_type is None or data is None:
        raise wrong(blob.path, "an object with mimeType and data")
    if not _is_carried(media_type, blob):
        return None
    if media_type.startswith("text/") and (text := _text(data)) is not None:
        return Media(kind="text", media_type=media_type, data=text, title=title)
    return Media(
        kind=_kind(media_type), media_type=media_type, data=standard_base64(data), title=title
    )


def read_file(file: Fields) -> Media | None:
    """Read `fileData`; `None` and a loss if only this provider can open it."""
    url, media_type = file.text("fileUri"), file.text("mimeType")
    title = file.text("displayName")
    file.lose_rest()
    if url is None:
        raise wrong(file.at("fileUri"), "a text")
    if not _is_public(url):
        file.lose_all("only this provider can open it", "fileUri")
        return None
    guessed = media_type or _guessed(url) or ""
    if not _is_carried(guessed, file):
        return None
    return Media(kind=_kind(guessed), media_type=media_type, url=url, title=title)


def written_blob(media: Media) -> Blob:
    """Return media that has its data here."""
    data = media.data or ""
    if media.kind == "text":
        encoded = base64.b64encode(data.encode()).decode()
        return Blob(media.media_type or "text/plain", encoded, media.title)
    fallback = "image/png" if media.kind == "image" else "application/pdf"
    return Blob(media.media_type or fallback, data, media.title)


def written_file(media: Media, url: str) -> FileData:
    """Return media that is behind `url`."""
    media_type = media.media_type
    guessed = None if media_type else _guessed(url)
    if media_type is None and guessed and guessed.startswith("image/") != (media.kind == "image"):
        guessed = None
    return FileData(url, media_type or guessed, media.title)


def _kind(media_type: str) -> Literal["image", "document"]:
    return "image" if media_type.startswith("image/") else "document"


def _is_public(url: str) -> bool:
    try:
        place = urlsplit(url)
    except ValueError:
        return False
    return place.scheme in {"http", "https"} and place.hostname != _OWN_FILES


def _is_carried(media_type: str, found: Fields) -> bool:
    heard = media_type.startswith(("audio/", "video/"))
    if heard:
        found.lose_all("no other wire carries sound or film", media_type.partition("/")[0])
    return not heard


def _guessed(url: str) -> str | None:
    return _BY_ENDING.get(url.partition("?")[0].rpartition(".")[2].lower())


def _text(data: str) -> str | None:
    try:
        return base64.b64decode(standard_base64(data), validate=True).decode()
    except ValueError:  # no base64, no UTF-8, or letters that are not even ASCII
        return None
