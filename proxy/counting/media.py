"""What pictures and documents cost.

A picture goes by its pixels. A document of text goes by its text, any other by its pages: as many
as its file shows, or as its length suggests where it does not, for later versions of PDF hide them
in compressed objects.
"""

import base64
import math
import re
from typing import NamedTuple

from proxy.canonical.parts import Media
from proxy.counting.families import Family
from proxy.counting.pictures import size_of

# The size of a JPEG stands behind what cameras and editors write first.
_HEAD_CHARS = 512 * 1024
_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_LINEARIZED = re.compile(rb"/Linearized\b[^>]{0,200}?/N\s+(\d{1,6})")
_HEAD_BYTES = 1024
_MOST_PAGES = 1000  # no provider takes more
# Rules of thumb: a page of text has 10 KB, a scanned one 500 KB; nobody knows of a URL.
_PAGE_BYTES = 75_000
_MOST_GUESSED = 100
_USUAL_PAGES = 10
_TEXTS = ("text/", "application/json", "application/xml")


class Weight(NamedTuple):
    """What of a media is read as text, and the tokens of all else."""

    texts: tuple[str, ...]
    tokens: int


def weight_of(media: Media, family: Family) -> Weight:
    """Return what `media` costs with models of `family`."""
    title = (media.title,) if media.title else ()
    if media.kind == "image":
        head = None if media.data is None else _decoded(media.data[:_HEAD_CHARS])
        size = None if head is None else size_of(head)
        return Weight(title, family.image(size, media.detail))
    if media.kind == "text":
        return Weight((*title, media.data or ""), 0)
    content = None if media.data is None else _decoded(media.data)
    if content is not None and (media.media_type or "").startswith(_TEXTS):
        return Weight((*title, content.decode(errors="replace")), 0)
    return Weight(title, _pages(content) * family.page_tokens)


def _pages(content: bytes | None) -> int:
    if content is None:
        return _USUAL_PAGES
    linearized = _LINEARIZED.search(content, 0, _HEAD_BYTES)
    shown = int(linearized[1]) if linearized else len(_PAGE.findall(content))
    if shown:
        return min(shown, _MOST_PAGES)
    return min(math.ceil(len(content) / _PAGE_BYTES), _MOST_GUESSED)


def _decoded(data: str) -> bytes | None:
    """Return the bytes of base64, of which the end may be cut off; `None` if it is none."""
    try:
        return base64.b64decode(data.rstrip("=") + "==")  # too much padding does no harm
    except ValueError:  # one letter too many, or letters that are not even ASCII
        return None
