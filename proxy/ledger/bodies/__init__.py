"""Bodies, where the configuration has them stored: see `docs/decisions/0019-bodies.md`.

A worker writes a segment (`segment`) in a thread of its own (`writer`); whoever reads one body
looks for it in all segments (`reading`); old ones are removed by the converter (`upkeep`).
"""
