"""Quantiles of distributions, from scipy: loaded with the first question, for it takes its time."""

import math


def beta_quantile(p: float, a: float, b: float) -> float:
    """Return x with P(Beta(a, b) <= x) = p."""
    from scipy.special import betaincinv  # noqa: PLC0415  # 0.2 s, for who asks

    return float(betaincinv(a, b, p))


def chi2_quantile(p: float, freedom: float) -> float:
    """Return x with P(chi-squared <= x) = p."""
    from scipy.special import gammaincinv  # noqa: PLC0415  # the same

    return 2.0 * float(gammaincinv(freedom / 2.0, p))


def binomial_quantile(p: float, n: int, chance: float) -> int:
    """Return the smallest k with P(Binomial(n, chance) <= k) >= p."""
    from scipy.special import bdtr, bdtrik  # noqa: PLC0415  # the same

    k = max(math.ceil(float(bdtrik(p, n, chance))), 0)
    return k - 1 if k > 0 and float(bdtr(k - 1, n, chance)) >= p else k
