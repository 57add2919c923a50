"""Where prefixes worth caching end, as models that write their caches only there are told.

Source: types of the SDK openai 3.52.0, read 2026-11: a request writes its latest four, or the
latest three beside one that the vendor chooses by itself. Only input can be marked.
"""

from collections.abc import Iterable, Iterator

from msgspec import UNSET

from proxy.canonical.parts import Lifetime
from proxy.canonical.request import Loss
from proxy.wires.responses.incoming import MarkJson
from proxy.wires.responses.outgoing import (
    CacheOptions,
    Content,
    CustomOutput,
    FunctionOutput,
    InputFile,
    InputImage,
    InputItem,
    InputText,
    Mark,
    Message,
)

_MOST = 4
_LONG = "12h"
NO_PLACE = "here they end with parts of the input"


def read_mark(said: MarkJson | None, usual: str | None) -> Lifetime | None:
    """Return the nearest lifetime: those of this wire are 30m and 12h."""
    if said is None:
        return None
    return "1h" if (said.ttl or usual) == _LONG else "5m"


def written_mark(until: Lifetime) -> Mark:
    """Return the mark of a prefix that is worth caching so long, or longer."""
    return Mark(ttl=_LONG if until == "1h" else UNSET)


def limited(items: Iterable[InputItem], losses: list[Loss]) -> CacheOptions | None:
    """Take all marks but the latest four off `items`; four leave no room for the vendor's."""
    found = [part for part in _inputs(items) if part.prompt_cache_breakpoint is not UNSET]
    for part in found[:-_MOST]:
        part.prompt_cache_breakpoint = UNSET
    if len(found) > _MOST:
        losses.append(Loss("cache_until", "cache breakpoints", "the latest four are taken"))
    return CacheOptions() if len(found) >= _MOST else None


def _inputs(items: Iterable[InputItem]) -> Iterator[InputText | InputImage | InputFile]:
    for item in items:
        content: str | list[Content] = ""
        if isinstance(item, Message):
            content = item.content
        elif isinstance(item, FunctionOutput | CustomOutput):
            content = item.output
        if isinstance(content, list):
            yield from (
                one for one in content if isinstance(one, InputText | InputImage | InputFile)
            )
