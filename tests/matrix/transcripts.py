"""A question with what came before it, in the words in which each SDK takes it."""

import base64
from dataclasses import dataclass
from typing import Any

from google.genai import types as gemini_types

TOOL = "exec_command"
SYSTEM = "You are brief."
PNG_TYPE = "image/png"
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n\xff\xfe\xfd?>").decode()  # with a + and a /
Json = dict[str, Any]


@dataclass(frozen=True)
class Called:
    """A call of the tool in the history, and what it gave back."""

    id: str
    cmd: str
    output: str

    @property
    def arguments(self) -> Json:
        return {"cmd": self.cmd}


@dataclass(frozen=True)
class Question:
    """What is asked: texts of the user, answered in between by `said`, then by `called` at once."""

    text: str = "say something"
    said: tuple[str, ...] = ()
    tool: bool = False
    system: str | None = None
    stream: bool = True
    image: bool = False
    called: tuple[Called, ...] = ()


def turns(asked: Question) -> list[Json]:
    """Return the turns of plain text, which three wires spell alike."""
    told: list[Json] = []
    for said in asked.said:
        told += [{"role": "user", "content": asked.text}, {"role": "assistant", "content": said}]
    return [*told, {"role": "user", "content": asked.text}]


def anthropic_messages(asked: Question) -> list[Json]:
    messages = turns(asked)
    if asked.image:
        source = {"type": "base64", "media_type": PNG_TYPE, "data": PNG}
        text = {"type": "text", "text": asked.text}
        messages[-1]["content"] = [text, {"type": "image", "source": source}]
    if asked.called:
        calls = [
            {"type": "tool_use", "id": call.id, "name": TOOL, "input": call.arguments}
            for call in asked.called
        ]
        results = [
            {"type": "tool_result", "tool_use_id": call.id, "content": call.output}
            for call in asked.called
        ]
        messages += [{"role": "assistant", "content": calls}, {"role": "user", "content": results}]
    return messages


def chat_messages(asked: Question) -> list[Json]:
    messages = turns(asked)
    if asked.image:
        url = {"url": f"data:{PNG_TYPE};base64,{PNG}"}
        text = {"type": "text", "text": asked.text}
        messages[-1]["content"] = [text, {"type": "image_url", "image_url": url}]
    if asked.called:
        calls = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": TOOL, "arguments": f'{{"cmd":"{call.cmd}"}}'},
            }
            for call in asked.called
        ]
        messages.append({"role": "assistant", "content": None, "tool_calls": calls})
    for call in asked.called:
        messages.append({"role": "tool", "tool_call_id": call.id, "content": call.output})
    return messages


def responses_input(asked: Question) -> list[Json]:
    items = turns(asked)
    if asked.image:
        url = f"data:{PNG_TYPE};base64,{PNG}"
        text = {"type": "input_text", "text": asked.text}
        items[-1]["content"] = [text, {"type": "input_image", "image_url": url, "detail": "auto"}]
    for call in asked.called:
        arguments = f'{{"cmd":"{call.cmd}"}}'
        made = {"type": "function_call", "call_id": call.id, "name": TOOL, "arguments": arguments}
        items.append(made)
    for call in asked.called:
        made = {"type": "function_call_output", "call_id": call.id, "output": call.output}
        items.append(made)
    return items


def gemini_contents(asked: Question) -> list[gemini_types.Content]:
    part, content = gemini_types.Part, gemini_types.Content
    contents = [
        content(
            role="model" if turn["role"] == "assistant" else "user",
            parts=[part(text=turn["content"])],
        )
        for turn in turns(asked)
    ]
    if asked.image:
        shown = part.from_bytes(data=base64.b64decode(PNG), mime_type=PNG_TYPE)
        contents[-1].parts = [part(text=asked.text), shown]
    if asked.called:
        calls = [
            gemini_types.FunctionCall(id=call.id, name=TOOL, args=call.arguments)
            for call in asked.called
        ]
        results = [
            gemini_types.FunctionResponse(id=one.id, name=TOOL, response={"output": one.output})
            for one in asked.called
        ]
        contents += [
            content(role="model", parts=[part(function_call=call) for call in calls]),
            content(role="user", parts=[part(function_response=result) for result in results]),
        ]
    return contents
