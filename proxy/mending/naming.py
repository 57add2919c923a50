"""Which parameters a refusal names as unknown: the words of each provider, and the paths in them.

A refusal that names a parameter and complains of its value is not among them, unless no value
would do.
"""

import re

Path = tuple[str, ...]

_NAME = r"[A-Za-z_$][\w.$\[\]/-]{0,200}"
_QUOTE = r"['\"`]"
_NAMES = rf"{_QUOTE}?{_NAME}{_QUOTE}?(?:, {_QUOTE}?{_NAME}{_QUOTE}?){{0,20}}"
_THINGS = r"(?:parameter|argument|field|property|key)"
_UNKNOWN = r"(?:unsupported|unknown|unrecognized|unexpected)"
_NOT_HERE = r"(?:deprecated for|not supported (?:with|by|for|on))"

_ONE = (
    # Anthropic, Vertex, Bedrock: tools.0.custom.eager_input_streaming: Extra inputs are not
    # permitted: anthropics/claude-code#33180, #21612, Wei-Shaw/sub2api#225
    rf"(?P<name>{_NAME}): extra inputs are not permitted",
    # Fireworks
    rf"extra inputs are not permitted, field: {_QUOTE}(?P<name>{_NAME})",
    # OpenAI, ChatGPT, Ollama, DeepSeek: Unknown parameter: 'stream_options'. Unsupported
    # parameter: max_output_tokens. json: unknown field "x". koosoli/ESPHomeDesigner#379,
    # QuantumNous/new-api#418, RayBytes/ChatMock#103
    rf"{_UNKNOWN} (?:request )?{_THINGS}(?: supplied)?:? {_QUOTE}?(?P<name>{_NAME})",
    # xAI: BerriAI/litellm#16265, huggingface/smolagents#1766
    rf"does not support parameter (?P<name>{_NAME})",
    rf"argument not supported on this model: (?P<name>{_NAME})",
    # Cerebras, Groq: Kilo-Org/kilocode#10375
    rf"property {_QUOTE}(?P<name>{_NAME}){_QUOTE} is unsupported",
    # Groq: iamsrikanthnani/pluely#242; Anthropic: The-PR-Agent/pr-agent#2456. Not OpenAI's
    # "Unsupported value: 'minimal' is not supported with ...", which names a value.
    rf"(?<!value: ){_QUOTE}(?P<name>{_NAME}){_QUOTE} is {_NOT_HERE} this",
    # OpenAI, where no value would do: qwen-code#921
    rf"'(?P<name>{_NAME})' does not support [^\n]{{1,60}} with this model\. only the default",
    # Anthropic, the same: mnfst/modelparams.dev#214, SalesforceAIResearch/MCP-Universe#49
    r"`(?P<name>temperature|top_p|top_k)` m(?:ay only be set to 1|ust be [^`\n]{0,40}unset) when",
    r"`temperature` and `(?P<name>top_p)` cannot both be specified",
)
# Azure: pydantic/pydantic-ai#169; NIM: Unsupported parameter(s): `a`, `b`
_MANY = (rf"{_UNKNOWN} (?:request )?{_THINGS}(?:s|\(s\))(?: supplied)?:? (?P<names>{_NAMES})",)
# Gemini: lbjlaq/Antigravity-Manager#611; Bedrock: #/tools/0: extraneous key [x] is not permitted
_PLACED = (
    rf"unknown name \"(?P<name>{_NAME})\"(?: at '(?P<at>[^'\n]{{0,300}})')?: cannot find field",
    rf"#(?P<at>/[\w/]{{0,300}})?: extraneous key \[(?P<name>{_NAME})\] is not permitted",
)
# Mistral, vLLM, whatever pydantic checks: editor-code-assistant/eca#231
_LOCATED = (r"""extra_forbidden['"],\s?['"]loc['"]:\s?[\[(](?P<at>[^\])\n]{1,300})[\])]""",)
# Gemini: vercel/ai#4022, mscraftsman/generative-ai#135. They name no parameter by its name.
_SPOKEN: dict[str, tuple[str, ...]] = {
    r"penalty is not enabled for": ("presencePenalty", "frequencyPenalty"),
    r"logprobs is not (?:enabled|supported) for": ("responseLogprobs", "logprobs"),
}

NAMING_WORDS = (*_ONE, *_MANY, *_PLACED, *_LOCATED, *_SPOKEN)
_NAMED, _PLACES, _LISTS, _LOCATIONS = (
    [re.compile(word, re.IGNORECASE) for word in words]
    for words in (_ONE, _PLACED, _MANY, _LOCATED)
)


def unnamed(word: str) -> str:
    """Return the pattern `word` without the names of its groups, to be one of several."""
    return re.sub(r"\?P<\w+>", "", word)


def named_paths(words: str) -> list[Path]:
    """Return the paths of the parameters that `words` call unknown, each once."""
    paths: list[Path] = []
    for pattern in _NAMED:
        paths += (_path(found["name"]) for found in pattern.finditer(words))
    for pattern in _PLACES:
        paths += ((*_path(found["at"] or ""), found["name"]) for found in pattern.finditer(words))
    for pattern in _LISTS:
        for found in pattern.finditer(words):
            paths += (_path(name) for name in re.findall(_NAME, found["names"]))
    for pattern in _LOCATIONS:
        paths += (_path(found["at"]) for found in pattern.finditer(words))
    for word, names in _SPOKEN.items():
        if re.search(word, words, re.IGNORECASE):
            paths += ((name,) for name in names)
    return list(dict.fromkeys(path for path in paths if path))


def _path(text: str) -> Path:
    """Return the segments of `text`, be they parted by dots, brackets, slashes or commas."""
    return tuple(re.findall(r"[\w$-]+", text))
