"""How the answer is to be made: `generationConfig`."""

from collections.abc import Mapping

import msgspec

from proxy.canonical.request import Effort, Format, Reasoning, Sampling
from proxy.wires.gemini.dialect import from_openapi, json_schema
from proxy.wires.gemini.fields import Fields

_JSON = "application/json"
_LEVELS: Mapping[str, Effort] = {
    "MINIMAL": "minimal",
    "LOW": "low",
    "MEDIUM": "medium",
    "HIGH": "high",
    "XHIGH": "xhigh",
}


class Settings(msgspec.Struct, frozen=True):
    """What `generationConfig` says."""

    max_output_tokens: int | None = None
    stop: tuple[str, ...] = ()
    sampling: Sampling = Sampling()
    reasoning: Reasoning = Reasoning()
    format: Format | None = None


def read_settings(body: Fields) -> Settings:
    """Read what canonical requests know; the rest is lost."""
    config = body.inner("generationConfig")
    if config is None:
        return Settings()
    settings = Settings(
        max_output_tokens=config.integer("maxOutputTokens"),
        stop=tuple(config.texts("stopSequences") or ()),
        sampling=_read_sampling(config),
        reasoning=_read_reasoning(config),
        format=_read_format(config),
    )
    config.lose_rest()
    return settings


def _read_sampling(config: Fields) -> Sampling:
    top_k = config.number("topK")  # the vendor's SDK sends 40.0
    return Sampling(
        temperature=config.number("temperature"),
        top_p=config.number("topP"),
        top_k=None if top_k is None else int(top_k),
        seed=config.integer("seed"),
        frequency_penalty=config.number("frequencyPenalty"),
        presence_penalty=config.number("presencePenalty"),
        logprobs=config.flag("responseLogprobs"),
        top_logprobs=config.integer("logprobs"),
        answers=config.integer("candidateCount"),
    )


def _read_reasoning(config: Fields) -> Reasoning:
    thinking = config.inner("thinkingConfig")
    if thinking is None:
        return Reasoning()
    level, budget = thinking.text("thinkingLevel"), thinking.integer("thinkingBudget")
    shown = thinking.flag("includeThoughts")
    thinking.lose_rest()
    effort = None if level is None else _LEVELS.get(level.upper())
    if budget == 0:
        return Reasoning(effort="none", shown=shown)
    return Reasoning(effort=effort, budget_tokens=budget, shown=shown)


def _read_format(config: Fields) -> Format | None:
    media_type = config.text("responseMimeType")
    plain, spelled = config.raw("responseJsonSchema"), config.raw("responseSchema")
    if plain is not None:
        return Format(schema=json_schema(plain))
    if spelled is not None:
        return Format(schema=from_openapi(spelled))
    if media_type not in {None, "text/plain", _JSON}:
        config.lose_all("only text and JSON can be asked for", "responseMimeType")
    return Format() if media_type == _JSON else None
