"""Pieces of one part: a stream comes in many, and some clients keep it so."""

from collections.abc import Iterable, Sequence

import msgspec

from proxy.canonical.parts import Part, Text, Thinking
from proxy.canonical.request import Role


def merged(parts: Iterable[Part], role: Role) -> list[Part]:
    """Return `parts` with the pieces of what the model said put together.

    Thoughts belong to the signature behind them. A text's signature stays on its own part.
    """
    runs: list[list[Part]] = []
    for part in parts:
        if runs and _continues(runs[-1][-1], part, role):
            runs[-1].append(part)
        else:
            runs.append([part])
    return [_whole(run) for run in runs]


def _continues(before: Part, part: Part, role: Role) -> bool:
    match before, part:
        case Thinking(opaque=None), Thinking():
            return True
        case Text(opaque=None), Text(opaque=None):
            return role == "assistant"
        case _:
            return False


def _whole(run: Sequence[Part]) -> Part:
    last = run[-1]
    if len(run) == 1 or not isinstance(last, Text | Thinking):
        return last
    text = "".join(part.text for part in run if isinstance(part, Text | Thinking))
    return msgspec.structs.replace(last, text=text)
