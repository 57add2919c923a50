"""How fast a provider's answers come once they have begun.

Output tokens but the first, over the time from first content to the last byte: of whole answers
whose tokens the provider counted. p5 is what one answer in twenty falls below. Hidden reasoning
before the first content is in the tokens but not in the time, so models that hide it look faster.
Source: estimators 6.5.
"""

from collections.abc import Iterator
from typing import Final

import polars as pl

from analysis.metrics.metric import Line, Metric, groups
from analysis.metrics.waits import quantiles

_QUANTILES: Final = (0.05, 0.5, 0.95)


def _lines(rows: pl.DataFrame) -> Iterator[Line]:
    for about, part in groups(rows, "provider", "model"):
        known = part.filter(pl.col("value").is_not_null())
        every = int(part["times"].sum())
        for line in quantiles(about, "speed", "tokens/s", known, _QUANTILES):
            yield Line(about, line.what, line.unit, line.estimate.of(every))


METRIC: Final = Metric(
    name="decode_speed",
    unit="tokens/s",
    grain="attempt",
    keys=("provider", "model"),
    query="decode_speed",
    needs=(
        "attempts.output_tokens",
        "attempts.first_content_us",
        "attempts.last_byte_us",
        "attempts.outcome",
        "attempts.provider",
        "attempts.model_sent",
    ),
    estimate=_lines,
)
