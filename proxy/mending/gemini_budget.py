"""Budgets and levels of thinking as Gemini's models take them.

Source: thinking in the vendor's documentation, read 2026-11: models up to 2.5 take a budget, later
ones a level, and never both.
"""

import re

from proxy.canonical.request import Loss
from proxy.mending.rule import any_of
from proxy.mending.tree import JsonObject, as_integer, as_text, key_like, object_like

GEMINI_WORDS = (
    # RooCodeInc/Roo-Code#4399, snailyp/gemini-balance#206, earendil-works/pi#3460,
    # lbjlaq/Antigravity-Manager#1384
    r"thinking.?budget",
    r"\bbudget \d+ is invalid",
    # jenslys/opencode-gemini-auth#14, egoist/chatwise-releases#1206, RooCodeInc/Roo-Code#10700
    r"thinking.?level",
    # lobehub/lobehub#7985
    r"include_?thoughts is only enabled when thinking is enabled",
)
_NO_THINKING = any_of(r"thinking is not (?:supported|enabled)", GEMINI_WORDS[-1])
_NOT_BOTH = any_of(r"one of thinking.?budget and thinking.?level")
_LEVEL = re.compile(r"thinking.?level (?P<level>MINIMAL|LOW|MEDIUM|HIGH|XHIGH) is", re.IGNORECASE)
_NO_LEVELS = any_of(r"thinking.?level is not supported")
_NO_BUDGETS = any_of(r"thinking.?budget is not supported")
_RANGE = re.compile(r"(?:between|from|range)\D{1,20}(?P<least>\d{1,7})\D{1,8}(?P<most>\d{1,7})")

_BUDGET, _LEVEL_NAME = "thinkingBudget", "thinkingLevel"
_WHY = "outside of what this model takes"
_OTHER_FORM = "this model takes it in another form"
_BUDGETS = {"MINIMAL": 1024, "LOW": 4096, "MEDIUM": 8192, "HIGH": 16384, "XHIGH": 24576}
# Of a model that always thinks the least, and the most that every model takes.
_LEAST, _MOST = 128, 24576
_LOW_BUDGET = 8192


def mend_gemini(body: JsonObject, words: str) -> list[Loss]:
    """Move the budget or the level to what the refusal asks for."""
    outer = object_like(body, "generationConfig")
    config = object_like(outer, "thinkingConfig") if outer is not None else None
    if outer is None or config is None:
        return []
    if _NO_THINKING.search(words):
        outer.pop(key_like(outer, "thinkingConfig") or "", None)
        return [_loss("", "this model does not think")]
    if _NOT_BOTH.search(words):
        both = key_like(config, _LEVEL_NAME) is not None
        return _dropped(config, _BUDGET, "the level says it") if both else []
    if named := _LEVEL.search(words):
        return _other_level(config, named["level"].upper())
    if _NO_LEVELS.search(words):
        return _as_budget(config)
    return _as_level(config) if _NO_BUDGETS.search(words) else _clamped(config, words)


def _other_level(config: JsonObject, refused: str) -> list[Loss]:
    """Take the next level for the ends of the scale, for which there is one, else the default.

    No list is told, and models differ: of some only the default is known to be taken.
    """
    key = key_like(config, _LEVEL_NAME)
    if key is None or as_text(config[key]).upper() != refused:
        return []
    better = {"MINIMAL": "LOW", "XHIGH": "HIGH"}.get(refused)
    if better is None:
        return _dropped(config, _LEVEL_NAME, _WHY)
    config[key] = better
    return [_loss(_LEVEL_NAME, _WHY)]


def _as_budget(config: JsonObject) -> list[Loss]:
    key = key_like(config, _LEVEL_NAME)
    if key is None:
        return []
    level = as_text(config.pop(key)).upper()
    if level in _BUDGETS and key_like(config, _BUDGET) is None:
        config[_BUDGET] = _BUDGETS[level]
    return [_loss(_LEVEL_NAME, _OTHER_FORM)]


def _as_level(config: JsonObject) -> list[Loss]:
    key = key_like(config, _BUDGET)
    if key is None:
        return []
    budget = as_integer(config.pop(key))
    if budget is not None and budget >= 0 and key_like(config, _LEVEL_NAME) is None:
        config[_LEVEL_NAME] = "LOW" if budget <= _LOW_BUDGET else "HIGH"
    return [_loss(_BUDGET, _OTHER_FORM)]


def _clamped(config: JsonObject, words: str) -> list[Loss]:
    """Move the budget into the range that is told, or that most models have.

    Without a budget, which is the last resort, the model finds its own.
    """
    key = key_like(config, _BUDGET)
    if key is None:
        return []
    budget = as_integer(config[key])
    told = _RANGE.search(words)
    least, most = (int(told["least"]), int(told["most"])) if told else (_LEAST, _MOST)
    if budget is None or budget < 0:
        return _dropped(config, _BUDGET, _WHY)
    if least <= budget <= most:
        named = told is None and re.search(rf"\b{budget}\b", words) is not None
        return _dropped(config, _BUDGET, _WHY) if named else []
    config[key] = least if budget < least else most
    return [_loss(_BUDGET, _WHY)]


def _dropped(config: JsonObject, name: str, why: str) -> list[Loss]:
    key = key_like(config, name)
    if key is None:
        return []
    del config[key]
    return [_loss(name, why)]


def _loss(name: str, why: str) -> Loss:
    path = "generationConfig.thinkingConfig"
    return Loss(f"{path}.{name}" if name else path, name or "thinkingConfig", why)
