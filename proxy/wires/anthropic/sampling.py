"""How tokens are drawn and where they end, as this wire can say it."""

import msgspec

from proxy.canonical.request import Loss, Sampling

_HIGHEST_TEMPERATURE = 1.0
_LEAST_TOP_P_THINKING = 0.95
_AS_IT_IS = {"temperature": 1.0, "top_p": 1.0, "top_k": None}
_ELSEWHERE = (
    *("seed", "frequency_penalty", "presence_penalty"),
    *("logprobs", "top_logprobs", "answers"),
)


def write_stop(stop: tuple[str, ...], losses: list[Loss]) -> list[str] | None:
    """Return the texts that end an answer; the wire refuses blank ones."""
    said = [text for text in stop if text.strip()]
    if len(said) < len(stop):
        losses.append(Loss("stop", "blank text", "refused by Anthropic Messages"))
    return said or None


def write_sampling(
    sampling: Sampling, *, freely: bool, thinks: bool, losses: list[Loss]
) -> Sampling:
    """Return what of `sampling` may be said.

    Args:
        sampling: What was asked.
        freely: The model can be told how to draw tokens.
        thinks: It thinks, which leaves less to tell.
        losses: What cannot be said is appended here.
    """
    for name in _ELSEWHERE:
        value = getattr(sampling, name)
        if value not in {None, False} and not (name == "answers" and value == 1):
            losses.append(Loss(f"sampling.{name}", name, "not in Anthropic Messages"))
    kept = Sampling(temperature=sampling.temperature, top_p=sampling.top_p, top_k=sampling.top_k)
    if not freely:
        return _nothing_of(kept, losses)
    if kept.temperature is not None and kept.temperature > _HIGHEST_TEMPERATURE:
        losses.append(Loss("sampling.temperature", "temperature", "1 is the highest here"))
        kept = msgspec.structs.replace(kept, temperature=_HIGHEST_TEMPERATURE)
    if thinks:
        kept = _beside_thinking(kept, losses)
    if kept.temperature is not None and kept.top_p is not None:
        losses.append(Loss("sampling.top_p", "top_p", "not together with a temperature"))
        kept = msgspec.structs.replace(kept, top_p=None)
    return kept


def _nothing_of(sampling: Sampling, losses: list[Loss]) -> Sampling:
    """Return nothing: at a temperature and a top_p of 1, which most clients send, as it is."""
    losses.extend(
        Loss(f"sampling.{name}", name, "this model draws in one way only")
        for name in ("temperature", "top_p", "top_k")
        if getattr(sampling, name) not in {None, _AS_IT_IS[name]}
    )
    return Sampling()


def _beside_thinking(sampling: Sampling, losses: list[Loss]) -> Sampling:
    temperature, top_p = sampling.temperature, sampling.top_p
    allowed = Sampling(
        temperature=temperature if temperature == _HIGHEST_TEMPERATURE else None,
        top_p=top_p if top_p is not None and top_p >= _LEAST_TOP_P_THINKING else None,
    )
    losses.extend(
        Loss(f"sampling.{name}", name, "not together with thinking")
        for name in ("temperature", "top_p", "top_k")
        if getattr(sampling, name) != getattr(allowed, name)
    )
    return allowed
