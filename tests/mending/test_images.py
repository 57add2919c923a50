"""Images to a model that takes none."""

from typing import Any

import pytest

from proxy.mending.images import OMITTED
from tests.mending.case import Case, check, mend

SOURCE = {"type": "base64", "media_type": "image/png", "data": "iVBO"}
IMAGE = {"type": "image", "source": SOURCE}
URL = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO"}}
INPUT = {"type": "input_image", "image_url": "data:image/png;base64,iVBO"}
INLINE = {"inlineData": {"mimeType": "image/png", "data": "iVBO"}}
PDF = {"inline_data": {"mime_type": "application/pdf", "data": "JVBE"}}
MARK = {"type": "ephemeral"}
TEXT = {"type": "text", "text": "what is it?"}
NOTE = {"type": "text", "text": OMITTED}
INPUT_NOTE = {"type": "input_text", "text": OMITTED}
NONE = "this model does not support image input (ref: b8bd630e-4a39-4b57-82af-9158ee9d5703)"


def talk(*content: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": list(content)}]}


def result(content: Any) -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": "t1", "content": content}


CASES = [
    Case(
        "in a message and in a result, where they stood",
        "anthropic",
        NONE,
        talk(result([TEXT, IMAGE]), {**IMAGE, "cache_control": MARK}, TEXT, result("as text")),
        talk(result([TEXT, NOTE]), {**NOTE, "cache_control": MARK}, TEXT, result("as text")),
        ["messages[0].content[1]", "messages[0].content[0].content[1]"],
    ),
    Case(
        "the words of Bedrock",
        "anthropic",
        "This model doesn't support the image content block that you provided. Update the content",
        talk(IMAGE),
        talk(NOTE),
        ["messages[0].content[0]"],
    ),
    Case(
        "the words of DeepSeek",
        "chat",
        "Failed to deserialize the JSON body into the target type: messages[94]: unknown variant "
        "`image_url`, expected `text` at line 1 column 802043",
        talk(TEXT, URL),
        talk(TEXT, NOTE),
        ["messages[0].content[1]"],
    ),
    Case(
        "of OpenRouter, that it has no endpoint",
        "chat",
        "No endpoints found that support image input",
        talk(URL),
        talk(NOTE),
        ["messages[0].content[0]"],
        status=404,
        error_type="404",
    ),
    Case(
        "the words of OpenAI",
        "chat",
        "Invalid content type. image_url is only supported by certain models.",
        talk(URL),
        talk(NOTE),
        ["messages[0].content[0]"],
    ),
    Case(
        "the words of Volcengine",
        "chat",
        "Model do not support image input.\nRequest id: 02178",
        talk(URL),
        talk(NOTE),
        ["messages[0].content[0]"],
    ),
    Case(
        "the words of vLLM",
        "chat",
        "/models/qwen3 is not a multimodal model",
        talk(URL),
        talk(NOTE),
        ["messages[0].content[0]"],
    ),
    Case(
        "the words of llama.cpp",
        "chat",
        "image input is not supported - hint: if this is unexpected, you may need to provide the "
        "mmproj",
        talk(URL),
        talk(NOTE),
        ["messages[0].content[0]"],
    ),
    Case(
        "in a message and in what a function gave",
        "responses",
        "Image inputs are not supported by this model.",
        {
            "input": [
                {"role": "user", "content": [INPUT]},
                {"type": "function_call_output", "call_id": "c", "output": [INPUT]},
                {"type": "function_call_output", "call_id": "d", "output": "text"},
            ]
        },
        {
            "input": [
                {"role": "user", "content": [INPUT_NOTE]},
                {"type": "function_call_output", "call_id": "c", "output": [INPUT_NOTE]},
                {"type": "function_call_output", "call_id": "d", "output": "text"},
            ]
        },
        ["input[0].content[0]", "input[1].output[0]"],
    ),
    Case(
        "in a part and in a response, whose parts can be no text",
        "gemini",
        "Image input modality is not enabled for models/gemma-3-1b-it",
        {
            "contents": [
                {"role": "user", "parts": [INLINE, PDF]},
                {
                    "role": "user",
                    "parts": [
                        {"functionResponse": {"name": "f", "response": {"a": 1}, "parts": [INLINE]}}
                    ],
                },
            ]
        },
        {
            "contents": [
                {"role": "user", "parts": [{"text": OMITTED}, PDF]},
                {
                    "role": "user",
                    "parts": [
                        {"functionResponse": {"name": "f", "response": {"a": 1, "images": OMITTED}}}
                    ],
                },
            ]
        },
        ["contents[0].parts[0]", "contents[1].parts[0].functionResponse.parts[0]"],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.wire}: {case.means}")
def test_images_refused(case: Case) -> None:
    check(case, "images_refused")


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("Could not process image", id="a bad one"),
        pytest.param("image exceeds 5 MB maximum: 6000000 bytes > 5242880 bytes", id="too large"),
        pytest.param("At most 20 images may be provided", id="too many"),
        pytest.param("image format is not supported", id="of a strange format"),
        pytest.param("This model does not support image URLs", id="behind an address"),
        pytest.param("does not support image/bmp", id="of a type that is not taken"),
    ],
)
def test_an_image_that_is_refused_is_the_callers(words: str) -> None:
    assert mend(Case("", "anthropic", words, talk(IMAGE), {}, [])) is None
