"""Under which name a model goes to a provider."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from proxy.routing.globs import carried, filled
from proxy.routing.models import Tier, tier

_IN_GENERAL: Mapping[Tier, Tier] = {
    "haiku": "small",
    "sonnet": "middle",
    "opus": "big",
    "fable": "big",
}
_WIDE = "[1m]"  # a marker of clients for a window of a million tokens: no provider knows it


@dataclass(frozen=True, slots=True)
class Names:
    """How one provider calls the models: by name, where no name matches by tier.

    A pattern and its replacement may have `*`: what it stands for is carried over.
    """

    renames: tuple[tuple[str, str], ...] = ()
    tiers: Mapping[Tier, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Named:
    """The name to send, and which rule gave it; "" if none did."""

    model: str
    rule: str = ""


def named(names: Names, model: str) -> Named:
    """Return the name to send for the `model` that the client asked for; the first rule wins."""
    asked = model.removesuffix(_WIDE)
    for pattern, replacement in names.renames:
        texts = carried(pattern, asked)
        if texts is not None:
            return Named(filled(replacement, texts), f"models {pattern}")
    if not names.tiers:
        return Named(asked)  # as most: a name is not taken apart for nothing
    own = tier(asked)
    for one in (own, _IN_GENERAL.get(own, own)):
        if one in names.tiers:
            return Named(names.tiers[one], f"tiers {one}")
    return Named(asked)


def mismatch(pattern: str, replacement: str) -> str | None:
    """Say what is wrong with a rename, for whoever checks a configuration; `None` if nothing."""
    stars = pattern.count("*"), replacement.count("*")
    if stars[1] > stars[0]:
        return f"{stars[1]} * in the replacement and {stars[0]} in the pattern"
    return None if replacement else "an empty name"
