"""The parts of a provider's answer, and why it ended."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from proxy.canonical.answer import StopReason
from proxy.canonical.parts import Media, Part, Text, Thinking, ToolCall
from proxy.canonical.skipped import UNKNOWN_SHAPE, Skipped
from proxy.wire import ABSENT, decoded, note_others
from proxy.wires.gemini.schema import Answer, Candidate
from proxy.wires.gemini.signature import read_signature, standard_base64

_ID_BYTES = 8
STOPS: Mapping[str, StopReason] = {
    "STOP": "end",
    "FINISH_REASON_UNSPECIFIED": "end",
    "MAX_TOKENS": "max_tokens",
    "CONTINUATION": "paused",
    "SAFETY": "refusal",
    "RECITATION": "refusal",
    "LANGUAGE": "refusal",
    "BLOCKLIST": "refusal",
    "PROHIBITED_CONTENT": "refusal",
    "SPII": "refusal",
    "MODEL_ARMOR": "refusal",
    "IMAGE_SAFETY": "refusal",
    "IMAGE_PROHIBITED_CONTENT": "refusal",
    "IMAGE_RECITATION": "refusal",
    "IMAGE_OTHER": "refusal",
    "NO_IMAGE": "broken",
    "OTHER": "broken",
    "MALFORMED_FUNCTION_CALL": "broken",
    "UNEXPECTED_TOOL_CALL": "broken",
    "TOO_MANY_TOOL_CALLS": "broken",
    "MISSING_THOUGHT_SIGNATURE": "broken",
    "MALFORMED_RESPONSE": "broken",
}


class _Blob(msgspec.Struct, rename="camel"):
    mime_type: str
    data: str


class _Call(msgspec.Struct):
    name: str
    args: msgspec.Raw = msgspec.Raw()
    id: str | None = None


class _Part(msgspec.Struct, rename="camel"):
    text: str | None = None
    thought: bool | None = None
    thought_signature: str | None = None
    function_call: _Call | None = None
    inline_data: _Blob | None = None


class HeardCandidate(Candidate, rename="camel"):
    """One answer, and what it tells of its sources."""

    grounding_metadata: msgspec.Raw = msgspec.Raw()
    citation_metadata: msgspec.Raw = msgspec.Raw()


class Heard(Answer, rename="camel"):
    """A whole answer, or a piece of one."""

    candidates: list[HeardCandidate] | None = None  # type: ignore[assignment]  # never written to


class _Candidates(msgspec.Struct):
    candidates: list[msgspec.Raw] | None = None


class Identified(msgspec.Struct, rename="camel"):
    """The id of an answer."""

    response_id: str | None = None


_part = msgspec.json.Decoder(_Part)
_candidates = msgspec.json.Decoder(_Candidates)
_candidate = msgspec.json.Decoder(Candidate)

CANDIDATE = "candidates[0]"
_CANDIDATE_KEYS = {
    *("index", "content", "finishReason", "groundingMetadata", "citationMetadata"),
    "tokenCount",  # is in the usage too
}
_PART_KEYS = {"text", "thought", "thoughtSignature"}
_identified = msgspec.json.Decoder(Identified)


def response_id(data: bytes) -> str | None:
    """Return the id of the answer in `data`."""
    found = decoded(_identified, data)
    return None if found is None else found.response_id


def first_candidate(answer: Heard) -> HeardCandidate | None:
    """Return the one candidate that is carried: the first."""
    candidates = answer.candidates or ()
    return next((one for one in candidates if not one.index), None)


def note_strangers(data: bytes, skipped: Skipped) -> None:
    """Note what the candidate that is carried holds besides what is read."""
    for raw in (decoded(_candidates, data) or _Candidates()).candidates or ():
        candidate = decoded(_candidate, raw)
        if candidate is not None and not candidate.index:
            note_others(raw, _CANDIDATE_KEYS, CANDIDATE, skipped)


def read_parts(
    raws: Sequence[msgspec.Raw], answer_id: str | None, calls: int, begin: int, skipped: Skipped
) -> list[Part]:
    """Return the parts that can be read; the others are noted.

    Args:
        raws: The parts of an answer, or of a piece of one.
        answer_id: Its id.
        calls: How many there were before.
        begin: How many parts there were before.
        skipped: Where to note.
    """
    parts: list[Part] = []
    for place, raw in enumerate(raws, begin):
        part = decoded(_part, raw)
        found = None if part is None else _read(part, answer_id, calls)
        if part is None:
            skipped.note(f"{CANDIDATE}.content.parts[{place}]", "part", UNKNOWN_SHAPE)
        elif part.text is None and part.function_call is None and part.inline_data is None:
            note_others(raw, _PART_KEYS, f"{CANDIDATE}.content.parts[{place}]", skipped)
        if found is not None:
            calls += isinstance(found, ToolCall)
            parts.append(found)
    return parts


def stop_of(reason: str, *, calls: bool) -> StopReason:
    """Return why it ended; this wire does not say that it ended in order to call."""
    stop = STOPS.get(reason, "end")
    return "tool_call" if stop == "end" and calls else stop


def _read(part: _Part, answer_id: str | None, calls: int) -> Part | None:
    opaque, redacted = read_signature(part.thought_signature)
    if part.function_call is not None:
        call = part.function_call
        raw = bytes(call.args)
        arguments = "{}" if raw in ABSENT else raw.decode(errors="replace")
        signature = part.thought_signature or ""
        call_id = call.id or _call_id(answer_id or "", str(calls), call.name, arguments, signature)
        return ToolCall(id=call_id, name=call.name, arguments=arguments, opaque=opaque)
    if part.inline_data is not None:
        blob = part.inline_data
        is_image = blob.mime_type.startswith("image/")
        kind: Literal["image", "document"] = "image" if is_image else "document"
        return Media(kind=kind, media_type=blob.mime_type, data=standard_base64(blob.data))
    text = part.text or ""
    if not text and opaque is None:
        return None
    if part.thought:
        return Thinking(text=text, redacted=redacted, opaque=opaque)
    return Text(text=text, opaque=opaque)


def _call_id(*said: str) -> str:
    """Return an id that no other answer of the conversation has given out."""
    digest = hashlib.blake2b("\0".join(said).encode(), digest_size=_ID_BYTES)
    return f"call_{digest.hexdigest()}"
