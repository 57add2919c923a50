"""A whole answer, as this wire's clients want it."""

import msgspec

from proxy.canonical import Usage
from proxy.canonical.answer import Answer, StopReason
from proxy.canonical.parts import Part, Refusal, Text
from proxy.canonical.request import Loss, Request
from proxy.wires.responses import annotations, outgoing
from proxy.wires.responses.outgoing import Failure, Incomplete, Response
from proxy.wires.responses.output import carrier, item_id, output_item, response_id

_WORDLESS = {"context_full", "stop_sequence", "paused"}
_CHOICES = {"required", "none"}
NO_ITEM = "this wire has no such item in an answer"


def write_answer(answer: Answer, request: Request, losses: list[Loss]) -> bytes:
    """Return the body of an answer; what it cannot say is appended to `losses`."""
    response = blank(answer, request)
    for index, part in enumerate(answer.parts):
        name = item_id(response.id, part, len(response.output))
        item = output_item(part, name, "completed")
        if item is None:
            losses.append(lost_part(part, index))
            continue
        response.output.append(item)
        if isinstance(part, Text):
            losses += annotations.lost_of(part.citations, index)
        token = carrier(part, response.id, len(response.output))
        if token is not None:
            response.output.append(token)
    refused = any(isinstance(part, Refusal) for part in answer.parts)
    end(response, answer.stop, answer.usage, refused=refused)
    losses += lost_end(answer.stop, answer.stop_sequence)
    return msgspec.json.encode(response)


def blank(answer: Answer, request: Request) -> Response:
    """Return the response as it begins."""
    choice = request.tool_choice
    return Response(
        id=response_id(answer.id),
        created_at=answer.created_s or 0,
        status="in_progress",
        model=answer.model or request.model,
        output=[],
        parallel_tool_calls=choice.parallel is not False,
        max_output_tokens=request.max_output_tokens,
        temperature=request.sampling.temperature,
        top_p=request.sampling.top_p,
        tool_choice=choice.mode if choice.mode in _CHOICES else "auto",
    )


def end(response: Response, stop: StopReason, usage: Usage, *, refused: bool) -> None:
    """Note in `response` how it ended; a refusal that is `refused` in words is a whole answer."""
    response.usage = _usage(usage)
    response.status = "completed"
    match stop:
        case "max_tokens" | "context_full":
            response.status = "incomplete"
            response.incomplete_details = Incomplete("max_output_tokens")
        case "refusal" if not refused:
            response.status = "incomplete"
            response.incomplete_details = Incomplete("content_filter")
        case "broken":
            response.status = "failed"
            response.error = Failure("server_error", "The model made a call that cannot be read.")
        case _:
            pass


def lost_part(part: Part, index: int) -> Loss:
    """Return the loss of a part that is no item of an answer."""
    return Loss(f"parts[{index}]", type(part).__name__.lower(), NO_ITEM)


def lost_end(stop: StopReason, stop_sequence: str | None) -> list[Loss]:
    """Return what this wire cannot say of how an answer ended."""
    if stop_sequence is not None:
        return [Loss("stop_sequence", "stop sequence", "this wire has none")]
    if stop in _WORDLESS:
        return [Loss("stop", stop, "this wire has no word for it")]
    return []


def _usage(usage: Usage) -> outgoing.Usage:
    prompt, output = usage.prompt or 0, usage.output or 0
    return outgoing.Usage(
        input_tokens=prompt,
        input_tokens_details=outgoing.InputDetails(usage.cache_read or 0, usage.cache_write or 0),
        output_tokens=output,
        output_tokens_details=outgoing.OutputDetails(usage.reasoning or 0),
        total_tokens=prompt + output,
    )
