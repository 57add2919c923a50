"""What a family of models makes of a text, a picture and a page.

Only OpenAI's tokenizer is public. What others give for one token of o200k_base was measured on
Python, JavaScript, Markdown, JSON, SQL, directory listings and tool schemas of this project and its
libraries, 2026-11, and is set near the upper end: other languages than English, and hashes, may
still have a third more.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from proxy.counting.pictures import Patches, Size


@dataclass(frozen=True, slots=True)
class Family:
    """How models whose names hold `names` count.

    Attributes:
        names: A pattern.
        per_token: Tokens of theirs for one of o200k_base.
        image: Tokens of a picture, from its size if known and the detail asked for.
        page_tokens: Tokens of one page of a PDF: its text, and its picture where they see it.
        tools_tokens: What their provider says to them as soon as there are tools.
    """

    names: re.Pattern[str]
    per_token: float
    image: Callable[[Size | None, str | None], int]
    page_tokens: int
    tools_tokens: int


_CLAUDE_PICTURES = Patches(side_px=28, most=1568, longest_px=1568)
_FINE_CLAUDE_PICTURES = Patches(side_px=28, most=4784, longest_px=2576)
_ROUGH = Patches(side_px=32, most=256, longest_px=512, per_patch=1.2)
_FINE = Patches(side_px=32, most=2500, longest_px=2048, per_patch=1.2)
_WHOLE = Patches(side_px=32, most=62_500, longest_px=8000, per_patch=1.2)


def _of_claude(size: Size | None, _: str | None) -> int:
    return _CLAUDE_PICTURES.tokens(size)


def _of_newer_claude(size: Size | None, _: str | None) -> int:
    return _FINE_CLAUDE_PICTURES.tokens(size)


def _of_gemini(_: Size | None, __: str | None) -> int:
    return 1120


def _of_gpt(size: Size | None, detail: str | None) -> int:
    """Return the tokens of a picture; unless told otherwise, GPT-6 looks at every patch."""
    match detail:
        case "low":
            return _ROUGH.tokens(size)
        case "high":
            return _FINE.tokens(size)
        case _:
            return (_FINE if size is None else _WHOLE).tokens(size)


def _of_others(size: Size | None, _: str | None) -> int:
    return _FINE.tokens(size)


FAMILIES = (
    # Claude up to 4.6: 1.06 to 1.33 measured with a reconstruction of its counter (ctok 1.3.0);
    # 1.16 for prose and 1.30 for Python in "Hidden costs in AI deployment" (VentureBeat, 2025-05).
    # Pictures: Anthropic, Vision, 28-pixel patches and these two budgets, which counts of its API
    # confirm (JOHNISKING, image-token-cost and pdf-token-cost, 2026-10). Pages: 1,500 to 3,000
    # tokens (Anthropic, PDF support); 2,115 to 2,481 in those counts. Tools: Anthropic, Tool use.
    Family(
        re.compile(
            r"claude-(?:instant|v?[123](?!\d)|4(?:[-.][0-6])?-(?:opus|sonnet|haiku)"
            r"|(?:opus|sonnet|haiku)-4(?:[-.][0-6](?!\d))?(?![-.]?\d{1,2}(?!\d)))"
        ),
        per_token=1.3,
        image=_of_claude,
        page_tokens=3000,
        tools_tokens=346,
    ),
    # Claude from Opus 4.7: about 30 percent more than before it (Anthropic, Token counting); 1.2 to
    # 1.8 measured, 2.0 for Python that is mostly long names.
    Family(re.compile("claude"), 1.7, _of_newer_claude, page_tokens=3000, tools_tokens=346),
    # Gemini: 1.04 to 1.27 measured with Gemma 3's, which the vendor's SDK counts with; single
    # digits make hashes 1.5. Pictures: Gemini API, Media resolution: 1,120 at most; a page 560.
    Family(re.compile("gemini|gemma"), 1.2, _of_gemini, page_tokens=600, tools_tokens=12),
    # OpenAI: exact. Pictures: OpenAI, Images and vision: 32-pixel patches, times 1.2 for GPT-6, of
    # which "high" looks at 2,500. Tools: OpenAI's cookbook.
    Family(
        re.compile(r"gpt|codex|(?<![a-z])o[1345](?![a-z0-9])"),
        per_token=1,
        image=_of_gpt,
        page_tokens=3000,
        tools_tokens=12,
    ),
    # All others: 0.9 to 1.25 measured with Qwen 3, DeepSeek 3, GLM 4.5, Kimi K2, Llama 3, Mistral.
    Family(re.compile(""), 1.15, _of_others, page_tokens=3000, tools_tokens=12),
)


def family_of(model: str) -> Family:
    """Return the family of `model`, by its name, whatever its provider puts around it."""
    name = model.lower()
    return next(family for family in FAMILIES if family.names.search(name))
