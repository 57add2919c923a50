"""Parts as a provider takes them."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from proxy.canonical.parts import Media, Part, Refusal, Text, Thinking, ToolCall, ToolResult
from proxy.canonical.request import Loss
from proxy.wires.gemini.media import written_blob, written_file
from proxy.wires.gemini.signature import written_signature
from proxy.wires.gemini.spoken import (
    Attached,
    FunctionCall,
    FunctionResponse,
    SpokenPart,
    json_object,
)


def written_part(
    part: Part, path: str, names: Mapping[str, str], losses: list[Loss]
) -> SpokenPart | None:
    """Return one part; `None` if it says nothing. `names` are those of the calls, by id."""
    if not isinstance(part, Thinking | Refusal) and part_is_cached(part):
        losses.append(Loss(f"{path}.cache_until", "cache point", "this wire caches by itself"))
    match part:
        case Text():
            return written_text(part)
        case Thinking():
            return written_thinking(part)
        case ToolCall():
            return SpokenPart(
                function_call=_written_call(part, path, losses),
                thought_signature=written_signature(part.opaque),
            )
        case ToolResult():
            return SpokenPart(function_response=_written_result(part, names, path, losses))
        case Media():
            return written_media(part)
        case Refusal(text=text):
            losses.append(Loss(path, "refusal", "written as text"))
            return SpokenPart(text=text) if text else None


def written_text(part: Text) -> SpokenPart | None:
    """Return a text; an empty one only if it is signed."""
    if not part.text and part.opaque is None:
        return None
    return SpokenPart(text=part.text, thought_signature=written_signature(part.opaque))


def written_thinking(part: Thinking) -> SpokenPart | None:
    """Return a thought."""
    if not part.text and part.opaque is None:
        return None
    signature = written_signature(part.opaque, redacted=part.redacted)
    return SpokenPart(text=part.text, thought=True, thought_signature=signature)


def written_media(media: Media) -> SpokenPart:
    """Return bytes or a file."""
    if media.url is not None:
        return SpokenPart(file_data=written_file(media, media.url))
    return SpokenPart(inline_data=written_blob(media))


def with_signatures_moved(parts: Sequence[Part]) -> list[Part]:
    """Return `parts` with each token that came without a thought on the part it stood before.

    A wire that signs only thoughts keeps a call's token that way.
    """
    moved: list[Part] = []
    for part in parts:
        before = moved[-1] if moved else None
        if (
            isinstance(before, Thinking)
            and _is_carrier(before)
            and isinstance(part, ToolCall | Text)
            and part.opaque is None
        ):
            moved[-1] = msgspec.structs.replace(part, opaque=before.opaque)
            continue
        moved.append(part)
    return [
        Text(text="", opaque=part.opaque)
        if isinstance(part, Thinking) and _is_carrier(part)
        else part
        for part in moved
    ]


def part_is_cached(part: Text | Media | ToolCall | ToolResult) -> bool:
    """Say whether a cached prefix ends here."""
    return part.cache_until is not None


def _is_carrier(part: Thinking) -> bool:
    return not part.text and part.opaque is not None


def _written_call(call: ToolCall, path: str, losses: list[Loss]) -> FunctionCall:
    args = json_object(call.arguments or "{}")
    if args is None:
        losses.append(Loss(f"{path}.arguments", "arguments", "not a JSON object: sent as input"))
        args = msgspec.json.encode({"input": call.arguments})
    return FunctionCall(name=call.name, args=msgspec.Raw(args), id=call.id)


def _written_result(
    result: ToolResult, names: Mapping[str, str], path: str, losses: list[Loss]
) -> FunctionResponse:
    texts = [part for part in result.parts if isinstance(part, Text)]
    media = [part for part in result.parts if isinstance(part, Media)]
    if any(part_is_cached(part) for part in result.parts):
        losses.append(Loss(f"{path}.parts", "cache point", "this wire caches by itself"))
    text = "\n".join(part.text for part in texts)
    return FunctionResponse(
        name=names.get(result.call_id) or result.name or result.call_id,
        id=result.call_id,
        response=msgspec.Raw(_response(text, is_error=result.is_error or False)),
        parts=_attached(media) or None,
    )


def _attached(media: Iterable[Media]) -> list[Attached]:
    return [
        Attached(file_data=written_file(one, one.url))
        if one.url is not None
        else Attached(inline_data=written_blob(one))
        for one in media
    ]


def _response(text: str, *, is_error: bool) -> bytes:
    """Return the object that says `text`; what is an object already stays as it is."""
    said = json_object(text)
    if is_error:
        return msgspec.json.encode({"error": text if said is None else msgspec.Raw(said)})
    return msgspec.json.encode({"output": text}) if said is None else said
