"""Images to a model that takes none: `images_refused`.

Each becomes a text in its place, so that the model knows that something was there, and what is
said about it makes sense. A bad image, too large a one, or one too many is the caller's business.
"""

from proxy.canonical.request import Loss
from proxy.mending.rule import Rule, any_of
from proxy.mending.tree import (
    Json,
    JsonObject,
    as_object,
    as_text,
    each_object,
    key_like,
    object_like,
)

OMITTED = "[image omitted: the provider takes no images]"
_WHY = "the provider takes no images"
# What would be said of one image, not of all.
_OF_ONE = r"(?![\w/]|\W{1,3}(?:url|format|type|size|resolution|larger|dimension|generation|edit))"

_WORDS = any_of(
    # Ollama: ollama/ollama#17301; Volcengine: zai-org/feedback#570; Bedrock: "This model doesn't
    # support the image content block that you provided"
    rf"\bdo(?:es)?(?: not|n.t) support (?:the |any )?(?:image|vision)s?{_OF_ONE}",
    # llama.cpp, xAI: "Image inputs are not supported by this model"
    r"\bimages?(?: (?:inputs?|contents?))? (?:is|are) not supported(?! (?:format|type))",
    # Gemma on the Gemini API
    r"image input modality is not enabled",
    # OpenAI: browser-use/web-ui#274
    r"image_url is only supported by certain models",
    # DeepSeek: Mangi-11/Eta#62
    r"unknown variant\W{1,3}(?:input_)?image(?:_url)?\W{1,4}expected\W{1,3}(?:one of\W{1,3})?"
    r"(?:input_)?text\W",
    # OpenRouter, with a 404: nexu-io/nexu#733
    r"no endpoints found that support image input",
    # vLLM
    r"is not a multimodal model",
    r"at most 0 image",
    # GLM
    r"messages\.content\.type\b[^\n]{0,40}\['text'\]",
)


def _anthropic(body: JsonObject, _words: str) -> list[Loss]:
    losses: list[Loss] = []
    for n, message in each_object(body.get("messages")):
        path = f"messages[{n}].content"
        losses += _replaced(message.get("content"), path, {"image"}, "text")
        for k, block in each_object(message.get("content")):
            losses += _replaced(block.get("content"), f"{path}[{k}].content", {"image"}, "text")
    return losses


def _chat(body: JsonObject, _words: str) -> list[Loss]:
    losses: list[Loss] = []
    for n, message in each_object(body.get("messages")):
        kinds = {"image_url", "input_image", "image"}
        losses += _replaced(message.get("content"), f"messages[{n}].content", kinds, "text")
    return losses


def _responses(body: JsonObject, _words: str) -> list[Loss]:
    losses: list[Loss] = []
    for n, item in each_object(body.get("input")):
        for name in ("content", "output"):
            path = f"input[{n}].{name}"
            losses += _replaced(item.get(name), path, {"input_image"}, "input_text")
    return losses


def _replaced(parts: Json, path: str, kinds: set[str], text: str) -> list[Loss]:
    """Put texts of the type `text` in the place of parts of `kinds`; marks of the cache stay."""
    losses: list[Loss] = []
    for n, part in each_object(parts):
        if as_text(part.get("type")) in kinds:
            mark = part.get("cache_control")
            part.clear()
            part |= {"type": text, "text": OMITTED}
            if mark is not None:
                part["cache_control"] = mark
            losses.append(Loss(f"{path}[{n}]", "image", _WHY))
    return losses


def _gemini(body: JsonObject, _words: str) -> list[Loss]:
    losses: list[Loss] = []
    for n, content in each_object(body.get("contents")):
        for k, part in each_object(content.get("parts")):
            path = f"contents[{n}].parts[{k}]"
            if _is_image(part):
                part.clear()
                part["text"] = OMITTED
                losses.append(Loss(path, "image", _WHY))
            elif (answer := object_like(part, "functionResponse")) is not None:
                losses += _without_images(answer, f"{path}.functionResponse")
    return losses


def _is_image(part: JsonObject) -> bool:
    media = object_like(part, "inlineData") or object_like(part, "fileData") or {}
    kind = key_like(media, "mimeType")
    return kind is not None and as_text(media[kind]).startswith("image/")


def _without_images(answer: JsonObject, path: str) -> list[Loss]:
    """Take the images out of a result, whose own parts can be no text, and say so in it."""
    parts = answer.get("parts")
    if not isinstance(parts, list):
        return []
    gone = {n for n, part in each_object(parts) if _is_image(part)}
    kept = [part for n, part in enumerate(parts) if n not in gone]
    if not gone:
        return []
    answer["parts"] = kept
    if not kept:
        del answer["parts"]
    response = as_object(answer.setdefault("response", {}))
    if response is not None:
        response.setdefault("images", OMITTED)
    return [Loss(f"{path}.parts[{n}]", "image", _WHY) for n in sorted(gone)]


IMAGES_REFUSED = Rule(
    statuses=frozenset({400, 404, 415, 422}),
    words=_WORDS,
    repairs={
        "anthropic": _anthropic,
        "chat": _chat,
        "responses": _responses,
        "gemini": _gemini,
    },
)
