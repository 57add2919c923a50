"""Which queue a request goes to, and whether it names its provider itself."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from proxy.routing.globs import matches_any
from proxy.routing.types import App

PROVIDER_HEADER = b"x-provider-name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Sends to `queue` what fits all of its conditions; an empty one fits everything."""

    name: str
    queue: str
    apps: tuple[App, ...] = ()
    models: tuple[str, ...] = ()  # globs, one of which must match
    headers: tuple[tuple[str, str], ...] = ()  # name in lower case and glob, all of which must
    client_keys: tuple[str, ...] = ()  # globs over labels
    min_tokens: int | None = None  # of the prompt, estimated
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What rules look at. Header names are in lower case."""

    app: App
    model: str | None = None
    headers: Mapping[bytes, bytes]
    client_key: str | None = None
    prompt_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """The provider that a request names, if it does, and the model without that prefix.

    `credential` is the label of its key, if that is named as well.
    """

    provider: str | None
    model: str | None
    credential: str | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """The request names a provider that is not there; what to tell the client."""

    message: str


def first_match(rules: Sequence[Rule], traits: Traits) -> Rule | None:
    """Return the first of `rules` that fits; what is not known fits no condition about it."""
    return next((rule for rule in rules if _fits(rule, traits)), None)


def selection(
    model: str | None,
    headers: Mapping[bytes, bytes],
    providers: Collection[str],
    accounts: Collection[str] = (),
) -> Selection | Unknown:
    """Return what `X-Provider-Name`, or `provider/` before the model, asks for.

    The header may name one key, as `provider/label`, which is one of the `accounts`. A prefix of
    the model that is nobody's name is left where it is: aggregators have models with a slash.
    """
    prefix, _, rest = (model or "").partition("/")
    by_prefix = prefix if rest and prefix in providers else None
    bare = rest if by_prefix else model
    asked = headers.get(PROVIDER_HEADER, b"").decode("latin-1").strip()
    if not asked:
        return Selection(by_prefix, bare)
    name, _, label = asked.partition("/") if asked in accounts else (asked, "", "")
    if name not in providers:
        known = ", ".join(sorted(providers)) or "none"
        return Unknown(f"X-Provider-Name asks for {asked[:80]!r}, which is not one of: {known}.")
    if by_prefix not in {None, name}:
        return Unknown(f"X-Provider-Name asks for {name}, and the model for {by_prefix}.")
    return Selection(name, bare, label or None)


def _fits(rule: Rule, traits: Traits) -> bool:
    return (
        (not rule.apps or traits.app in rule.apps)
        and _fits_any(rule.models, traits.model)
        and _fits_any(rule.client_keys, traits.client_key)
        and all(_fits_header(name, glob, traits.headers) for name, glob in rule.headers)
        and _within(rule, traits.prompt_tokens)
    )


def _fits_any(patterns: tuple[str, ...], text: str | None) -> bool:
    return not patterns or (text is not None and matches_any(patterns, text))


def _fits_header(name: str, pattern: str, headers: Mapping[bytes, bytes]) -> bool:
    value = headers.get(name.encode())
    return value is not None and matches_any((pattern,), value.decode("latin-1"))


def _within(rule: Rule, tokens: int | None) -> bool:
    if rule.min_tokens is None and rule.max_tokens is None:
        return True
    if tokens is None:
        return False
    low = 0 if rule.min_tokens is None else rule.min_tokens
    return low <= tokens and (rule.max_tokens is None or tokens <= rule.max_tokens)
