"""Parts of a message's content, for a provider.

Prefixes worth caching end with a part. Source: types of the SDK openai 3.52.0, read 2026-11: a
request writes its latest four, or the latest three beside one that the vendor chooses by itself.
"""

from collections.abc import Iterable

import msgspec

from proxy.canonical.parts import Lifetime, Media, Text
from proxy.canonical.request import Loss

_PDF = "application/pdf"
_MOST_MARKS = 4


class MarkOut(msgspec.Struct):
    """A prefix worth caching ends here; this wire knows no lifetime but the usual."""

    mode: str = "explicit"


class CacheOut(msgspec.Struct):
    """Which prefixes are written to the cache: those that are marked, and no other."""

    mode: str = "explicit"


class ImageOut(msgspec.Struct, omit_defaults=True):
    """The image of an `image_url` part."""

    url: str
    detail: str | None = None


class FileOut(msgspec.Struct, omit_defaults=True):
    """The document of a `file` part."""

    file_data: str
    filename: str


class PartOut(msgspec.Struct, omit_defaults=True):
    """A part of content."""

    type: str
    text: str | None = None
    image_url: ImageOut | None = None
    file: FileOut | None = None
    prompt_cache_breakpoint: MarkOut | None = None


ContentOut = str | list[PartOut] | None


def write_content(parts: list[PartOut]) -> ContentOut:
    """Return `parts` as one string if all are texts without marks, `None` if there are none.

    Many servers refuse a list where there is nothing but text: DeepSeek's, of tool messages.
    """
    if not parts:
        return None
    texts = [part.text for part in parts if part.text is not None and not _is_marked(part)]
    return "\n\n".join(texts) if len(texts) == len(parts) else parts


def write_text(part: Text, path: str, losses: list[Loss]) -> list[PartOut]:
    """Return the part that says `part`: none if it is empty."""
    if not part.text:
        return []
    return [marked(PartOut("text", text=part.text), part.cache_until, path, losses)]


def write_media(part: Media, path: str, losses: list[Loss]) -> list[PartOut]:
    """Return the part that shows `part`, or none and a loss."""
    written = _write_media(part)
    if written is not None:
        return [marked(written, part.cache_until, path, losses)]
    if part.kind == "document":
        losses.append(Loss(path, "document", "this wire has no documents behind a URL"))
    return []


def _write_media(part: Media) -> PartOut | None:
    if part.kind == "text":
        title = f"{part.title}\n\n" if part.title else ""
        return PartOut("text", text=title + part.data) if part.data else None
    if part.kind == "image":
        url = part.url or f"data:{part.media_type or 'image/png'};base64,{part.data or ''}"
        return PartOut("image_url", image_url=ImageOut(url, part.detail))
    if part.data is None:
        return None
    url = f"data:{part.media_type or _PDF};base64,{part.data}"
    return PartOut("file", file=FileOut(url, part.title or "document.pdf"))


def marked(part: PartOut, until: Lifetime | None, path: str, losses: list[Loss]) -> PartOut:
    """Return `part` as the end of a prefix that is worth caching so long."""
    if until is None:
        return part
    if until == "1h":
        losses.append(Loss(f"{path}.cache_until", "1h", "half an hour is what this wire knows"))
    part.prompt_cache_breakpoint = MarkOut()
    return part


def limited(contents: Iterable[ContentOut], losses: list[Loss]) -> CacheOut | None:
    """Take all marks but the latest four off `contents`; four leave no room for the vendor's."""
    parts = (part for content in contents if isinstance(content, list) for part in content)
    found = [part for part in parts if _is_marked(part)]
    for part in found[:-_MOST_MARKS]:
        part.prompt_cache_breakpoint = None
    if len(found) > _MOST_MARKS:
        losses.append(Loss("cache_until", "cache breakpoints", "the latest four are taken"))
    return CacheOut() if len(found) >= _MOST_MARKS else None


def _is_marked(part: PartOut) -> bool:
    return part.prompt_cache_breakpoint is not None
